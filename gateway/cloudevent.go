package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/url"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

func (d *draft) putCloud(name, text string) {
	switch name {
	case "specversion":
		d.specversion = text
	case "id":
		d.id = text
	case "source":
		d.source = text
	case "time":
		d.time = text
	case "subject":
		d.subject = text
	case "dataschema":
		d.dataschema = text
	case "datacontenttype":
		d.datacontenttype = text
	case "data_base64":
		d.dataBase64 = text
	}
}

// cloudEvent reads a CloudEvent in the JSON format (CloudEvents 1.0.2, and its
// JSON event format). id and source together keep it from being published twice.
// The extensions owner, groups and projects are the members of the own form,
// where the latter two are names with commas between them; others, subject and
// dataschema are left out.
func (d *draft) cloudEvent() (p hook.Publication, err error) {
	r := reader{draft: d}
	if version := r.text("specversion", d.specversion); version != "1.0" {
		r.fail("specversion", "must be 1.0")
	}
	for _, required := range [...]struct{ name, text string }{{"id", d.id}, {"source", d.source}, {"type", d.eventType}} {
		if required.text == "" {
			r.fail(required.name, "is missing")
		}
	}
	if d.dataBase64 != "" {
		r.fail("data_base64", "binary data is not delivered: give JSON as data")
	}
	if media := r.text("datacontenttype", d.datacontenttype); media != "" && !isJSON(media) {
		r.fail("datacontenttype", "%q is not JSON", clip(media))
	}
	r.text("subject", d.subject)
	r.text("dataschema", d.dataschema)
	p.Data = d.data
	p.Type = r.text("type", d.eventType)
	p.Owner = r.owner(d.owner)
	p.Groups, p.Projects = r.names("groups", d.groups), r.names("projects", d.projects)
	p.OccurredAt = r.instant("time", d.time)
	p.IdempotencyKey = r.identity()
	return p, r.err
}

// identity is what no two CloudEvents have in common: the source, a blank, which
// a source cannot have, and the id.
func (r *reader) identity() string {
	source, id := r.text("source", r.source), r.text("id", r.id)
	if _, err := url.Parse(source); err != nil || strings.ContainsAny(source, " \t\r\n") {
		r.fail("source", "must be a URI reference")
	}
	identity := source + " " + id
	if len(identity) <= hook.MaxIdempotencyKey {
		return identity
	}
	sum := sha256.Sum256([]byte(identity))
	return "sha256 " + hex.EncodeToString(sum[:])
}

// names are names with commas between them.
func (r *reader) names(name, json string) []string {
	text := r.text(name, json)
	if text == "" {
		return nil
	}
	names := strings.Split(text, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	return names
}

// isJSON reports whether a media type is one of JSON in UTF-8.
func isJSON(media string) bool {
	name, parameters, err := mime.ParseMediaType(media)
	charset, given := parameters["charset"]
	return err == nil && (name == "application/json" || name == "text/json" || strings.HasSuffix(name, "+json")) &&
		(!given || strings.EqualFold(charset, "utf-8"))
}

// cloudNames are the attributes behind the members of the own form.
var cloudNames = map[string]string{"occurredAt": "time", "idempotencyKey": "id"}
