package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/99designs/gqlgen/graphql"
)

// ReadTrusted reads a manifest of trusted documents: a JSON object of texts by
// the SHA-256 of the text in hex, or the manifest that Apollo's and other tools
// generate ({"operations": [{"id", "body"}]}). An id that is not the hash of its
// text is an error.
func ReadTrusted(r io.Reader) (map[string]string, error) {
	var manifest map[string]json.RawMessage
	if err := json.NewDecoder(r).Decode(&manifest); err != nil {
		return nil, fmt.Errorf("is not a JSON object: %w", err)
	}
	texts := map[string]string{}
	if list, ok := manifest["operations"]; ok {
		var operations []struct{ ID, Body string }
		if err := json.Unmarshal(list, &operations); err != nil {
			return nil, fmt.Errorf("operations: expected a list of objects with id and body")
		}
		for _, o := range operations {
			texts[o.ID] = o.Body
		}
	} else {
		for id, raw := range manifest {
			var text string
			if json.Unmarshal(raw, &text) != nil {
				return nil, fmt.Errorf("%q: expected the text of a document", id)
			}
			texts[id] = text
		}
	}
	trusted := make(map[string]string, len(texts))
	for id, text := range texts {
		sum := sha256.Sum256([]byte(text))
		hash := hex.EncodeToString(sum[:])
		if strings.TrimPrefix(id, "sha256:") != hash {
			return nil, fmt.Errorf("%q is not the SHA-256 of its document, which is %s", id, hash)
		}
		trusted[hash] = text
	}
	return trusted, nil
}

// CheckTrusted returns an error for a trusted document that the schema or the
// limits do not allow: it would fail on its first use.
func (e *Endpoint) CheckTrusted() error {
	for hash := range e.options.Trusted {
		params := &graphql.RawParams{Extensions: map[string]any{
			"persistedQuery": map[string]any{"version": json.Number("1"), "sha256Hash": hash},
		}}
		if _, errs := e.documents.find(params); len(errs) > 0 {
			return fmt.Errorf("the trusted document %s: %s", hash, errs[0].Message)
		}
	}
	return nil
}
