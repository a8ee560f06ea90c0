package kheops_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/dialect"
	"github.com/hookgraph/hookgraph/dialect/dialecttest"
	whole "github.com/hookgraph/hookgraph/gateway"
	"github.com/hookgraph/hookgraph/hook"
)

// A spoilt store does something else than reading albums.
type spoilt struct {
	hook.Store
	spoil func(ctx context.Context) error
}

type spoiltAlbums struct {
	hook.Collection[hook.Album]
	*spoilt
}

func (s *spoilt) Albums() hook.Collection[hook.Album] { return spoiltAlbums{s.Store.Albums(), s} }

func (s spoiltAlbums) Get(ctx context.Context, key string) (*hook.Album, error) {
	if s.spoil != nil {
		if err := s.spoil(ctx); err != nil {
			return nil, err
		}
	}
	return s.Collection.Get(ctx, key)
}

// TestErrorsDoNotMix: below the prefixes every error is one of Kheops' two, also
// those that arise around the API, and has the headers of its answers.
func TestErrorsDoNotMix(t *testing.T) {
	t.Parallel()
	g := open(t)
	g.importList(t, album, dialecttest.Read(t, "testdata/list.json"))
	// The API of the harness stands on a store that is spoilt between requests.
	store := &spoilt{Store: g.store.Store}
	g.store.Store = store
	server := httptest.NewServer(whole.New(whole.Options{
		Service: g.service, Dialects: []dialect.Dialect{g.api}, Limits: whole.Limits{Time: 300 * time.Millisecond, Body: 100},
	}))
	t.Cleanup(server.Close)
	g.url = server.URL
	check := func(name, method, path, body string, status int) {
		t.Helper()
		response := g.send(t, method, path, strings.NewReader(body),
			"Authorization", "Bearer "+adminKey, "Content-Type", "application/x-www-form-urlencoded")
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		isPage := strings.HasPrefix(string(text), "<!doctype html>") && response.Header.Get("Content-Type") == "text/html;charset=utf-8"
		isObject := strings.HasPrefix(string(text), `{"message":"`) && response.Header.Get("Content-Type") == "application/json" &&
			strings.HasSuffix(string(text), `,"help":"https://github.com/OsiriX-Foundation/kheops/wiki"}`)
		// What an operation answers is an object, what a container answers a page.
		if response.StatusCode != status || status < 500 && !isPage || status >= 500 && !isObject {
			t.Errorf("%s: %s %s: %s %v %s", name, method, path, response.Status, response.Header, text)
		}
		for header, value := range cors {
			if response.Header.Get(header) != value {
				t.Errorf("%s: %s is %q", name, header, response.Header.Get(header))
			}
		}
	}
	for _, path := range []string{"/albums", "/api/albums", "/api/albums/", "/albums/x", "/albums/graphql", "/api/albums/" + album + "/webhooks/x",
		"/albums/" + album + "/webhooks/test", "/albums/../x", "/albums/%2e%2e/graphql"} {
		for _, method := range []string{"GET", "POST", "PATCH", "BREW", "OPTIONS"} {
			check("unknown path", method, path, "", http.StatusNotFound)
		}
	}
	for _, path := range []string{"/albums/a%2Fb", "/api/albums/%00", "/api/albums/%ff/webhooks"} {
		check("odd path", "GET", path, "", http.StatusBadRequest)
	}
	check("method", "BREW", webhooks, "", http.StatusMethodNotAllowed)
	check("large", "POST", webhooks, strings.Repeat("x", 101), http.StatusRequestEntityTooLarge)
	store.spoil = func(context.Context) error { panic("out of cheese") }
	check("panic", "GET", webhooks, "", http.StatusInternalServerError)
	store.spoil = func(context.Context) error { return errors.New("disk on fire") }
	check("failure", "POST", webhooks, good, http.StatusInternalServerError)
	store.spoil = func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	check("time-out", "GET", webhooks, "", http.StatusServiceUnavailable)
}
