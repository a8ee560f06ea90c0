package entrust

import (
	_ "embed"
	"net/http"
)

// openAPI describes this API, from which clients can be generated.
//
//go:embed openapi.json
var openAPI []byte

// describe answers with the description. Anybody may read it: it holds nothing
// of this gateway.
func (a *API) describe(w http.ResponseWriter, _ *http.Request, _ []string) error {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(openAPI)
	return nil
}
