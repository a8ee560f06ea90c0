package gateway

import (
	"io"
	"iter"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/dialect"
	"github.com/hookgraph/hookgraph/hook"
)

// Records returns the reading of a list from its beginning, as often as it is
// called.
func Records(d dialect.Dialect, list io.ReaderAt, size int64) func() iter.Seq2[*hook.Record, error] {
	return func() iter.Seq2[*hook.Record, error] { return d.Records(io.NewSectionReader(list, 0, size)) }
}

// takeImport answers POST /import?as=DIALECT&album=KEY, whose body is what the
// list endpoint of that dialect returned. The list is kept in a file until it
// is all there: a list that breaks off changes nothing.
func (g *Gateway) takeImport(w http.ResponseWriter, r *http.Request) error {
	viewer, err := g.authenticator.Viewer(r)
	if err != nil {
		return err
	}
	if err := mayImport(viewer); err != nil {
		return err
	}
	d, album, err := g.importOf(r.URL.RawQuery)
	if err != nil {
		return err
	}
	// Not every writer can, such as those of tests.
	control, until := http.NewResponseController(w), time.Now().Add(g.limits.ImportTime)
	_, _ = control.SetReadDeadline(until), control.SetWriteDeadline(until.Add(time.Minute))

	list, err := Spool(r.Body)
	if err != nil {
		return err
	}
	defer list.Close()
	in := hook.Import{Dialect: d.Name(), Album: album, Records: Records(d, list, list.Size)}
	lines := &lineWriter{w: w, control: control}
	if accepts(r.Header, NDJSON) {
		in.Progress = lines.progress
	}
	summary, err := g.service.Import(hook.WithViewer(r.Context(), viewer), in)
	switch {
	case err != nil && lines.begun:
		g.report(r, err)
		failure := describe(r, err)
		lines.write(Line{Error: &failure})
		return nil
	case err != nil:
		return err
	case in.Progress != nil:
		lines.write(Line{Summary: NewSummary(summary)})
		return nil
	}
	writeJSON(w, "application/json", http.StatusOK, NewSummary(summary))
	return nil
}

// mayImport refuses before the body is read those whom the import would refuse
// afterwards.
func mayImport(viewer *hook.Viewer) error {
	switch {
	case viewer == nil:
		return &hook.Error{Code: hook.Unauthenticated, Message: "a credential is needed"}
	case !viewer.May(hook.Webhooks, hook.All):
		missing := hook.Permission(hook.Webhooks + ":" + hook.All)
		return &hook.Error{Code: hook.Forbidden, Missing: missing, Message: string(missing) + " required"}
	}
	return nil
}

func (g *Gateway) importOf(query string) (dialect.Dialect, string, error) {
	parameters, err := url.ParseQuery(query)
	if err != nil {
		return nil, "", hook.Invalidf("", "the query is malformed")
	}
	for name, values := range parameters {
		switch {
		case name != "as" && name != "album":
			return nil, "", hook.Invalidf(name, "is not a parameter of an import: there are as and album")
		case len(values) > 1:
			return nil, "", hook.Invalidf(name, "is given twice")
		}
	}
	as, album := parameters.Get("as"), parameters.Get("album")
	d, err := Importer(g.dialects, as, album)
	return d, album, err
}

// Importer returns the dialect that reads an import by its name in lower case.
// An album belongs to Kheops and to nothing else.
func Importer(dialects []dialect.Dialect, as, album string) (dialect.Dialect, error) {
	var names []string
	for _, d := range dialects {
		name := strings.ToLower(string(d.Name()))
		if name != as {
			names = append(names, name)
			continue
		}
		switch {
		case d.Name() == hook.Kheops && album == "":
			return nil, hook.Invalidf("album", "is missing: the key of the album that the webhooks belong to")
		case d.Name() != hook.Kheops && album != "":
			return nil, hook.Invalidf("album", "only the webhooks of kheops belong to an album")
		}
		return d, nil
	}
	slices.Sort(names)
	return nil, hook.Invalidf("as", "must be one of %s", strings.Join(names, ", "))
}

// accepts reports whether a media type is named in the Accept header.
func accepts(header http.Header, media string) bool {
	for _, value := range header.Values("Accept") {
		for part := range strings.SplitSeq(value, ",") {
			if named, _, err := mime.ParseMediaType(part); err == nil && named == media {
				return true
			}
		}
	}
	return false
}
