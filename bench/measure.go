package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
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

// script is wrk's: a request with a random id, and a count of the answers that
// are no answers.
const script = `
local bad = 0
math.randomseed(os.time())
request = function()
  local id = %q .. ":" .. math.random(1, %d)
  return wrk.format("POST", "/graphql", {["Content-Type"] = "application/json", ["Authorization"] = "Bearer %s"},
    '{"query":"%s","variables":{"id":"' .. id .. '"}}')
end
response = function(status, headers, body)
  if status ~= 200 or string.find(body, '"errors"', 1, true) or string.find(body, ':null', 1, true) then
    bad = bad + 1
    if bad == 1 then io.stderr:write("unexpected answer: " .. status .. " " .. string.sub(body, 1, 300) .. "\n") end
  end
end
`

type measurement struct {
	duration time.Duration
	rounds   int
	dir      string
}

var (
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

// inTurns measures two servers in turns and returns the medians.
func (m measurement) inTurns(a, b *server, once func(*server) (float64, error)) (float64, float64, error) {
	var rates [2][]float64
	for range m.rounds {
		for i, s := range []*server{a, b} {
			rate, err := once(s)
			if err != nil {
				return 0, 0, err
			}
			rates[i] = append(rates[i], rate)
		}
	}
	return median(rates[0]), median(rates[1]), nil
}

func (m measurement) once(ctx context.Context, s *server, q query) (float64, error) {
	path := filepath.Join(m.dir, "request.lua")
	if err := os.WriteFile(path, fmt.Appendf(nil, script, q.kind, q.ids, adminKey, q.text), 0o600); err != nil {
		return 0, err
	}
	return m.wrk(ctx, s, q.name, "-s", path, s.url)
}

// wrk sends requests and returns how many were answered in a second. It fails if
// some were answered by an error.
func (m measurement) wrk(ctx context.Context, s *server, name string, args ...string) (float64, error) {
	defer s.watch()()
	cmd := exec.CommandContext(ctx, "wrk", append([]string{"-t", "1", "-c", "32", "-d", m.duration.String()}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("wrk: %w\n%s", err, errs.Bytes())
	}
	found := perSecond.FindSubmatch(out.Bytes())
	switch {
	case errs.Len() > 0:
		return 0, fmt.Errorf("%s: %s", name, errs.Bytes())
	case found == nil:
		return 0, fmt.Errorf("wrk told no rate:\n%s", out.Bytes())
	case unanswered.Match(out.Bytes()):
		return 0, fmt.Errorf("%s: not all was answered:\n%s", name, out.Bytes())
	}
	return strconv.ParseFloat(string(found[1]), 64)
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
