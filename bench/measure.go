package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A query is a GraphQL request with a number that changes from one request to
// the next.
type query struct {
	name string
	text string
	ids  int
	kind string
	// toStock is the rate to reach, as a part of the stock server's.
	toStock float64
}

func queries(webhooks, clients int) []query {
	return []query{
		{"webhook(id), five fields", "query($id:ID!){webhook(id:$id){id name url enabled dialect}}", webhooks, "Webhook", 0.8},
		{"client(id) with 20 webhooks", "query($id:ID!){client(id:$id){id name webhooks(first:20){nodes{id name url client{id name member{id username}}}}}}", clients, "Client", 0.75},
	}
}

// script is wrk's: a request with a random id. It does not look at the answers,
// since the one thread that sends would then measure itself; it tells their bytes.
const script = `
math.randomseed(os.time())
request = function()
  local id = %q .. ":" .. math.random(1, %d)
  return wrk.format("POST", "/graphql", {["Content-Type"] = "application/json", ["Authorization"] = "Bearer %s"},
    '{"query":"%s","variables":{"id":"' .. id .. '"}}')
end
done = function(summary) print("Bytes/answer: " .. summary.bytes / summary.requests) end
`

type measurement struct {
	duration time.Duration
	rounds   int
	dir      string
}

var (
	perAnswer  = regexp.MustCompile(`Bytes/answer: ([0-9.]+)`)
	perSecond  = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	unanswered = regexp.MustCompile(`Non-2xx or 3xx responses|Socket errors`)
)

// compare measures two servers in turns, each by its query, and returns the
// medians.
func (m measurement) compare(ctx context.Context, a, b *server, ofA, ofB query) (float64, float64, error) {
	return m.inTurns(a, b, func(s *server) (float64, error) {
		if s == a {
			return m.once(ctx, s, ofA)
		}
		return m.once(ctx, s, ofB)
	})
}

// inTurns measures two servers in turns and returns the medians. A first round, in
// which caches are filled, does not count.
func (m measurement) inTurns(a, b *server, once func(*server) (float64, error)) (float64, float64, error) {
	var rates [2][]float64
	for round := range m.rounds + 1 {
		for i, s := range []*server{a, b} {
			rate, err := once(s)
			if err != nil {
				return 0, 0, err
			}
			if round > 0 {
				rates[i] = append(rates[i], rate)
			}
		}
	}
	return median(rates[0]), median(rates[1]), nil
}

// once measures a query. Its answers are looked at before, a few of them; those
// that are measured must have the size of these.
func (m measurement) once(ctx context.Context, s *server, q query) (float64, error) {
	path := filepath.Join(m.dir, "request.lua")
	if err := os.WriteFile(path, fmt.Appendf(nil, script, q.kind, q.ids, adminKey, q.text), 0o600); err != nil {
		return 0, err
	}
	size, err := s.answers(ctx, q)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", q.name, err)
	}
	rate, out, err := m.wrk(ctx, s, q.name, "-s", path, s.url)
	if err != nil {
		return 0, err
	}
	found := perAnswer.FindSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("wrk told no bytes:\n%s", out)
	}
	measured, err := strconv.ParseFloat(string(found[1]), 64)
	if err == nil && math.Abs(measured/size-1) > 0.02 {
		err = fmt.Errorf("%s: answers of %.0f bytes, not %.0f", q.name, measured, size)
	}
	return rate, err
}

// samples is how many answers are looked at.
const samples = 200

// answers returns the mean size of a query's answers with their heads, in bytes. It
// fails if one of them is not as it should be.
func (s *server) answers(ctx context.Context, q query) (float64, error) {
	total := 0
	for i := range samples {
		id := fmt.Sprintf("%s:%d", q.kind, 1+(q.ids-1)*i/(samples-1))
		body := fmt.Sprintf(`{"query":%q,"variables":{"id":%q}}`, q.text, id)
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/graphql", strings.NewReader(body))
		if err != nil {
			return 0, err
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+adminKey)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			return 0, err
		}
		answer, err := httputil.DumpResponse(response, true)
		response.Body.Close()
		if err != nil {
			return 0, err
		}
		if response.StatusCode != http.StatusOK || bytes.Contains(answer, []byte(`"errors"`)) ||
			bytes.Contains(answer, []byte(":null")) || !bytes.Contains(answer, []byte(id)) {
			return 0, fmt.Errorf("unexpected answer:\n%s", answer)
		}
		total += len(answer)
	}
	return float64(total) / samples, nil
}

// wrk sends requests and returns how many were answered in a second, and what else
// wrk told. It fails if some were answered by an error.
func (m measurement) wrk(ctx context.Context, s *server, name string, args ...string) (rate float64, told []byte, err error) {
	defer s.watch()()
	cmd := exec.CommandContext(ctx, "wrk", append([]string{"-t", "1", "-c", "32", "-d", m.duration.String()}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return 0, nil, fmt.Errorf("wrk: %w\n%s", err, errs.Bytes())
	}
	found := perSecond.FindSubmatch(out.Bytes())
	switch {
	case errs.Len() > 0:
		return 0, nil, fmt.Errorf("%s: %s", name, errs.Bytes())
	case found == nil:
		return 0, nil, fmt.Errorf("wrk told no rate:\n%s", out.Bytes())
	case unanswered.Match(out.Bytes()):
		return 0, nil, fmt.Errorf("%s: not all was answered:\n%s", name, out.Bytes())
	}
	rate, err = strconv.ParseFloat(string(found[1]), 64)
	return rate, out.Bytes(), err
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
