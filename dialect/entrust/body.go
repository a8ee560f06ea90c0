package entrust

import (
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/hookgraph/hookgraph/dialect/jsonrecords"
	"github.com/hookgraph/hookgraph/hook"
)

// mediaError says that a body is not JSON (section 12, no. 27).
type mediaError struct{ mediaType string }

func (e *mediaError) Error() string {
	return "the body must be application/json, not " + e.mediaType
}

// readObject returns the object in the body of a request, or nil if the body is
// empty: generated clients announce JSON even then (section 5).
func readObject(r *http.Request) (*jsonrecords.Object, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil || len(text) == 0 {
		return nil, err
	}
	if given := r.Header.Get("Content-Type"); given != "" {
		media, parameters, err := mime.ParseMediaType(given)
		charset := parameters["charset"]
		if err != nil || media != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
			return nil, &mediaError{clip(given)}
		}
	}
	object := jsonrecords.Parse(text)
	return object, object.Err()
}

// needObject is readObject for a body that must be there.
func needObject(r *http.Request) (*jsonrecords.Object, error) {
	object, err := readObject(r)
	if err == nil && object == nil {
		err = hook.Invalidf("", "the body is missing")
	}
	return object, err
}

func clip(text string) string {
	if len(text) > 64 {
		return strings.ToValidUTF8(text[:64], "") + "…"
	}
	return text
}
