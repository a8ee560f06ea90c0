package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"

	"github.com/hookgraph/hookgraph/hook"
)

const (
	// refreshAfter is how soon a key that the provider withdrew is refused.
	refreshAfter = 15 * time.Minute
	// trustFor is how long keys are used while the provider does not answer.
	trustFor = 24 * time.Hour
	// fetchPause is the least time between two fetches, whatever the tokens say:
	// anybody can send tokens with unknown keys.
	fetchPause   = 10 * time.Second
	fetchTimeout = 5 * time.Second
	maxKeySet    = 1 << 20 // bytes
)

// A keySet is the keySource of a JWK Set at an address. It is fetched when a
// token needs it: at first, when the token's key is unknown, and when the set
// has become old.
type keySet struct {
	url    string
	client *http.Client
	log    *slog.Logger

	mu      sync.Mutex
	keys    []namedKey
	fetched time.Time     // when keys came; zero for never
	tried   time.Time     // when the last fetch ended
	failure error         // of the last fetch
	running chan struct{} // closed when the fetch that is going on ends; nil for none
}

type namedKey struct {
	kid string
	verificationKey
}

func newKeySet(url string, transport http.RoundTripper, log *slog.Logger) *keySet {
	client := &http.Client{
		Transport: transport,
		Timeout:   fetchTimeout,
		// A redirect could lead from https to http.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &keySet{url: url, client: client, log: log}
}

func (s *keySet) find(ctx context.Context, kid string) ([]verificationKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys, age := s.pick(kid), time.Since(s.fetched)
	switch {
	case len(keys) > 0 && s.failure == nil && age < refreshAfter:
		return keys, nil
	case len(keys) > 0 && s.failure != nil && age < trustFor:
		// Nobody waits for a provider that was down a moment ago.
		s.fetch()
		return keys, nil
	}
	if done := s.fetch(); done != nil {
		s.mu.Unlock()
		var gone error
		select {
		case <-done:
		case <-ctx.Done():
			gone = ctx.Err()
		}
		s.mu.Lock()
		if gone != nil {
			return nil, hook.Unavailablef(gone, "the token cannot be checked in time")
		}
	}
	keys = s.pick(kid)
	if len(keys) > 0 && time.Since(s.fetched) < trustFor {
		return keys, nil
	}
	if s.failure != nil {
		return nil, hook.Unavailablef(s.failure, "the token cannot be checked now: its issuer's keys cannot be fetched")
	}
	return nil, nil
}

func (s *keySet) pick(kid string) []verificationKey {
	var keys []verificationKey
	for _, k := range s.keys {
		if kid == "" || k.kid == kid {
			keys = append(keys, k.verificationKey)
		}
	}
	return keys
}

// fetch starts to fetch the set unless that is going on, and returns what is
// closed at its end; nil if it is too early to fetch again. The lock is held.
func (s *keySet) fetch() <-chan struct{} {
	if s.running != nil {
		return s.running
	}
	if time.Since(s.tried) < fetchPause {
		return nil
	}
	done := make(chan struct{})
	s.running = done
	go func() {
		// All who wait share the fetch, so it must not end with one's request.
		keys, err := s.download(context.Background())
		s.mu.Lock()
		defer s.mu.Unlock()
		s.note(keys, err)
		s.running = nil
		close(done)
	}()
	return done
}

func (s *keySet) note(keys []namedKey, err error) {
	switch {
	case err != nil && s.failure == nil:
		s.log.Warn("the keys of the token issuer cannot be fetched", "url", s.url, "error", err)
	case err == nil && s.failure != nil:
		s.log.Info("the keys of the token issuer can be fetched again", "url", s.url)
	}
	s.tried, s.failure = time.Now(), err
	if err == nil {
		s.keys, s.fetched = keys, s.tried
	}
}

func (s *keySet) download(ctx context.Context) ([]namedKey, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/jwk-set+json, application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer has the status %d", response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxKeySet+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxKeySet {
		return nil, fmt.Errorf("the answer is longer than %d bytes", maxKeySet)
	}
	return parseKeySet(body)
}

// parseKeySet returns the keys that can check signatures and leaves out all
// others (RFC 7517, section 5): one strange key must not take the rest away.
func parseKeySet(body []byte) ([]namedKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if json.Unmarshal(body, &set) != nil || set.Keys == nil {
		return nil, errors.New("the answer is not a JWK Set")
	}
	var keys []namedKey
	for _, raw := range set.Keys {
		var jwk jwkset.JWKMarshal
		if json.Unmarshal(raw, &jwk) != nil || jwk.USE == jwkset.UseEnc ||
			len(jwk.KEYOPS) > 0 && !slices.Contains(jwk.KEYOPS, jwkset.KeyOpsVerify) {
			continue
		}
		// The address is what is trusted; certificates add nothing to it.
		jwk.X5C, jwk.X5T, jwk.X5TS256, jwk.X5U = nil, "", "", ""
		// Without Private, shared secrets are refused and private parts ignored.
		parsed, err := jwkset.NewJWKFromMarshal(jwk, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{SkipKeyOps: true})
		if err != nil {
			continue
		}
		key, err := publicKey(parsed.Key())
		if err != nil {
			continue
		}
		if alg := jwk.ALG.String(); alg != "" {
			key.algorithms = slices.DeleteFunc(key.algorithms, func(a string) bool { return a != alg })
		}
		if len(key.algorithms) > 0 {
			keys = append(keys, namedKey{jwk.KID, key})
		}
	}
	return keys, nil
}
