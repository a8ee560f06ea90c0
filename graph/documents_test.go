package graph_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/graph"
)

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func persisted(hash, text string) string {
	body := map[string]any{"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hash}}}
	if text != "" {
		body["query"] = text
	}
	b, _ := json.Marshal(body)
	return string(b)
}

func TestAutomaticPersistedQueries(t *testing.T) {
	t.Parallel()
	h := endpoint(t, graph.Options{})
	const text = "{viewer{name}}"
	if a := send(t, h, post(persisted(hash(text), ""))); a.code() != "PERSISTED_QUERY_NOT_FOUND" || a.Errors[0].Message != "PersistedQueryNotFound" {
		t.Error(a.text)
	}
	if a := send(t, h, post(persisted(hash("other"), text))); a.status != 400 || a.Data != nil {
		t.Error(a.text)
	}
	if a := send(t, h, post(persisted(hash(text), text))); a.Errors != nil {
		t.Error(a.text)
	}
	if a := send(t, h, post(persisted(hash(text), ""))); a.Errors != nil || a.Data == nil {
		t.Error(a.text)
	}
	byGet := httptest.NewRequest(http.MethodGet, "/graphql?"+url.Values{
		"extensions": {`{"persistedQuery":{"version":1,"sha256Hash":"` + hash(text) + `"}}`},
	}.Encode(), nil)
	if a := send(t, h, byGet); a.Errors != nil {
		t.Error(a.text)
	}
	for _, bad := range []string{
		`{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"` + hash(text) + `"}}}`,
		`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"nothex"}}}`,
		`{"extensions":{"persistedQuery":{"version":1}}}`,
		`{"extensions":{"persistedQuery":7}}`,
	} {
		if a := send(t, h, post(bad)); len(a.Errors) != 1 || a.Data != nil {
			t.Errorf("%s: %s", bad, a.text)
		}
	}
}

func TestTrustedDocuments(t *testing.T) {
	t.Parallel()
	const trusted, other = "query Who{viewer{name}}", "{viewer{permissions}}"
	manifest := map[string]string{hash(trusted): trusted}
	h := endpoint(t, graph.Options{Trusted: manifest, TrustedOnly: true})
	for _, body := range []string{
		persisted(hash(trusted), ""), `{"documentId":"sha256:` + hash(trusted) + `"}`, `{"documentId":"` + hash(trusted) + `"}`, query(trusted),
	} {
		if a := send(t, h, post(body)); a.Errors != nil {
			t.Errorf("%s: %s", body, a.text)
		}
	}
	for _, body := range []string{query(other), persisted(hash(other), other), persisted(hash(other), ""), `{}`} {
		if a := send(t, h, post(body)); a.code() != "PERSISTED_QUERY_NOT_FOUND" || a.Data != nil {
			t.Errorf("%s: %s", body, a.text)
		}
	}
	if a := send(t, h, post(persisted(hash(trusted), other))); a.status != 400 || a.Data != nil {
		t.Errorf("the hash of one document with the text of another: %s", a.text)
	}
	open := endpoint(t, graph.Options{Trusted: manifest})
	for _, body := range []string{persisted(hash(trusted), ""), query(other)} {
		if a := send(t, open, post(body)); a.Errors != nil {
			t.Errorf("%s: %s", body, a.text)
		}
	}
}

func TestManifestsOfTrustedDocuments(t *testing.T) {
	t.Parallel()
	const text = "query Who{viewer{name}}"
	for _, manifest := range []string{
		`{"` + hash(text) + `":"` + text + `"}`,
		`{"sha256:` + hash(text) + `":"` + text + `"}`,
		`{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"` + hash(text) + `","name":"Who","type":"query","body":"` + text + `"}]}`,
	} {
		trusted, err := graph.ReadTrusted(strings.NewReader(manifest))
		if err != nil || len(trusted) != 1 || trusted[hash(text)] != text {
			t.Errorf("%s: %v %v", manifest, trusted, err)
		}
	}
	for _, manifest := range []string{"", "[]", `{"a":1}`, `{"` + hash("other") + `":"` + text + `"}`, `{"operations":7}`} {
		if trusted, err := graph.ReadTrusted(strings.NewReader(manifest)); err == nil {
			t.Errorf("%s: %v", manifest, trusted)
		}
	}
	const unknown = "{nothing}"
	bad := graph.NewHandler(nil, nil, graph.Options{Trusted: map[string]string{hash(unknown): unknown}})
	if err := bad.CheckTrusted(); err == nil {
		t.Error("a trusted document that does not fit the schema is let through")
	}
}
