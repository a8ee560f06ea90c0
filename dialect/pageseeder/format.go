package pageseeder

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A format is XML or JSON.
type format int

const (
	formatXML format = iota
	formatJSON
)

func (f format) contentType() string {
	if f == formatJSON {
		return "application/json;charset=UTF-8"
	}
	return "application/xml;charset=UTF-8"
}

func (f format) encoder(location *time.Location) encoder {
	if f == formatJSON {
		return &jsonEncoder{location: location, first: true}
	}
	return &xmlEncoder{location: location}
}

// buffers are those of answers that have been sent.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxKept is the largest buffer that is kept, in bytes.
const maxKept = 4 * piece

// borrow returns an encoder with a used buffer, and what gives it back once the
// answer is sent.
func (f format) borrow(location *time.Location) (encoder, func()) {
	used := buffers.Get().(*[]byte)
	e := f.encoder(location)
	e.reuse((*used)[:0])
	return e, func() {
		if b := e.written(); cap(b) <= maxKept {
			*used = b
			buffers.Put(used)
		}
	}
}

// formatOf chooses the format of an answer: by the ending of the path, else by
// the Accept header, else XML (section 3.4).
func formatOf(r *http.Request) format {
	if _, f, found := cutExtension(r.URL.Path); found {
		return f
	}
	if acceptsJSON(strings.Join(r.Header.Values("Accept"), ",")) {
		return formatJSON
	}
	return formatXML
}

// cutExtension takes the ending that names a format from a path.
func cutExtension(path string) (rest string, f format, found bool) {
	if rest, found = strings.CutSuffix(path, ".json"); found {
		return rest, formatJSON, true
	}
	rest, found = strings.CutSuffix(path, ".xml")
	return rest, formatXML, found
}

// acceptsJSON reports whether an Accept header names application/json and
// nothing that it prefers. Ranges such as */* stand for XML, the default, but
// give way to JSON that is named with the same weight; of XML and JSON with the
// same weight the first counts.
func acceptsJSON(accept string) bool {
	var json, xml, any preference
	for i, entry := range strings.Split(accept, ",") {
		parts := strings.Split(entry, ";")
		p := preference{weight: weight(parts[1:]), place: i, named: true}
		switch strings.ToLower(strings.TrimSpace(parts[0])) {
		case "application/json":
			json = json.or(p)
		case "application/xml", "text/xml":
			xml = xml.or(p)
		case "*/*", "application/*", "*":
			any = any.or(p)
		}
	}
	switch {
	case !json.named || json.weight == 0:
		return false
	case xml.named:
		return json.weight > xml.weight || json.weight == xml.weight && json.place < xml.place
	}
	return json.weight >= any.weight
}

// A preference is what an Accept header says about a media type.
type preference struct {
	named  bool
	weight float64
	place  int
}

func (p preference) or(other preference) preference {
	if p.named && p.weight >= other.weight {
		return p
	}
	return other
}

// weight reads the parameter q; one that is no weight is as good as none.
func weight(parameters []string) float64 {
	for _, p := range parameters {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		if q, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil && q >= 0 && q <= 1 {
			return q
		}
	}
	return 1
}
