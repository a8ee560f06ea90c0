package auth_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookgraph/hookgraph/auth"
	"github.com/hookgraph/hookgraph/hook"
)

func TestProviderDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(keySet(jwk("k", edKey(), nil)))
		p.down.Store(true)
		a := p.authenticator(t)
		good, unknown := signedBy(t, "k", edKey()), signedBy(t, "who", edKey())
		check := func(token hook.Secret, want string) {
			t.Helper()
			v, err := a.Bearer(t.Context(), token)
			expect(t, v, err, want)
			synctest.Wait() // for a fetch that nobody waits for
		}
		check(good, unavailable)
		check(good, unavailable)
		p.fetched(t, 1)
		p.down.Store(false)
		time.Sleep(11 * time.Second)
		check(good, "member alice")
		check(unknown, refused)
		p.fetched(t, 2)

		// Known keys outlast an outage; meanwhile the provider is asked again.
		p.down.Store(true)
		time.Sleep(time.Hour)
		check(good, "member alice")
		p.fetched(t, 3)
		p.down.Store(false)
		time.Sleep(11 * time.Second)
		check(good, "member alice")
		check(good, "member alice")
		p.fetched(t, 4)

		// They do so for a day.
		p.down.Store(true)
		time.Sleep(time.Hour)
		check(good, "member alice")
		check(unknown, unavailable)
		time.Sleep(22 * time.Hour)
		check(good, "member alice")
		time.Sleep(2 * time.Hour)
		check(good, unavailable)
		p.down.Store(false)
		time.Sleep(11 * time.Second)
		check(good, "member alice")
		check(unknown, refused)
	})
}

func TestProviderHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(keySet(jwk("k", edKey(), nil)))
		p.hangs.Store(true)
		a := p.authenticator(t)
		good := signedBy(t, "k", edKey())
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		v, err := a.Bearer(ctx, good)
		expect(t, v, err, unavailable)
		if took := time.Since(start); took != time.Second {
			t.Errorf("the caller waited %v longer than it wanted", took-time.Second)
		}
		v, err = a.Bearer(t.Context(), good)
		expect(t, v, err, unavailable)
		if took := time.Since(start); took != 5*time.Second {
			t.Errorf("the fetch was given up after %v", took)
		}
		p.fetched(t, 1)

		// Known keys are used without waiting.
		p.hangs.Store(false)
		time.Sleep(11 * time.Second)
		v, err = a.Bearer(t.Context(), good)
		expect(t, v, err, "member alice")
		p.hangs.Store(true)
		time.Sleep(time.Hour)
		v, err = a.Bearer(t.Context(), good)
		expect(t, v, err, "member alice")
		for range 5 {
			time.Sleep(time.Minute)
			start := time.Now()
			v, err = a.Bearer(t.Context(), good)
			expect(t, v, err, "member alice")
			if took := time.Since(start); took != 0 {
				t.Errorf("a token with a known key waited %v", took)
			}
		}
		time.Sleep(time.Minute) // the last fetch ends
	})
}

func TestFloodOfUnknownKeys(t *testing.T) {
	t.Parallel()
	p := newProvider(keySet(jwk("k", edKey(), nil)))
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	a := authenticator(t, &service{}, auth.JWT{Issuer: issuer, JWKSURL: server.URL})
	good := signedBy(t, "k", edKey())
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			for i := range 25 {
				v, err := a.Bearer(t.Context(), signedBy(t, strings.Repeat("x", 1+worker*25+i), edKey()))
				expect(t, v, err, refused)
				v, err = a.Bearer(t.Context(), good)
				expect(t, v, err, "member alice")
			}
		})
	}
	all.Wait()
	// One at first, and one more if the flood lasted longer than the pause.
	if n := p.fetches.Load(); n > 2 {
		t.Errorf("the keys were fetched %d times", n)
	}
}

func TestFloodOverTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(keySet())
		a := p.authenticator(t)
		for range 60 {
			v, err := a.Bearer(t.Context(), signedBy(t, "who", edKey()))
			expect(t, v, err, refused)
			time.Sleep(time.Second)
		}
		p.fetched(t, 6)
	})
}

func TestOutageIsLoggedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newProvider(keySet(jwk("k", edKey(), nil)))
		p.down.Store(true)
		var log bytes.Buffer
		a, err := auth.New(&service{}, auth.Options{
			AdminKey: adminKey, Log: slog.New(slog.NewTextHandler(&log, nil)),
			JWT: auth.JWT{Issuer: issuer, JWKSURL: "https://login.example.org/keys", Transport: p},
		})
		if err != nil {
			t.Fatal(err)
		}
		good := signedBy(t, "k", edKey())
		for i := range 6 {
			p.down.Store(i < 3)
			a.Bearer(t.Context(), good)
			time.Sleep(11 * time.Second)
		}
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], "level=WARN") || !strings.Contains(lines[0], "connection refused") ||
			!strings.Contains(lines[1], "level=INFO") {
			t.Errorf("logged:\n%s", log.String())
		}
		if strings.Contains(log.String(), good.Reveal()) {
			t.Error("the log shows the token")
		}
	})
}
