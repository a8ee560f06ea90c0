package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"time"
)

const album = "aB3dE5gH7j"

// A read is a GET of one of the REST APIs, with the rate that it must reach
// where one is demanded.
type read struct {
	name, path string
	target     int
}

// reads are lists of 20 webhooks, and one webhook each. The client of 20 stands
// beside one of many webhooks.
func reads(many int) []read {
	return []read{
		{"PageSeeder, list of 20, JSON", "/ps/api/clients/2/webhooks.json", 8000},
		{"PageSeeder, list of 20, XML", "/ps/api/clients/2/webhooks.xml", 0},
		{"Kheops, list of 20", "/api/albums/" + album + "/webhooks", 5000},
		{"Entrust, list of 20", "/api/web/v1/webhooks", 0},
		{"PageSeeder, get one, JSON", fmt.Sprintf("/ps/api/clients/1/webhooks/%d.json", many/2+1), 20000},
		{"Kheops, get one", "/api/albums/" + album + "/webhooks/" + albumWebhook(0), 20000},
		{"Kheops, get one with five triggers", "/api/albums/" + album + "/webhooks/" + albumWebhook(1), 0},
		{"Entrust, get one", "/api/web/v1/webhooks/" + accountWebhook(0), 20000},
	}
}

// restGateway serves clients with many webhooks and with a fifth of that, and for
// each API 20 more.
func restGateway(ctx context.Context, binary, data string, many int) (*server, error) {
	for _, list := range []struct {
		as    string
		flags []string
		write func(w *bufio.Writer)
	}{
		{"pageseeder", nil, func(w *bufio.Writer) { writeSeed(w, 0, many, 0, 1) }},
		{"pageseeder", nil, func(w *bufio.Writer) { writeSeed(w, many, 20, 1, 1) }},
		{"pageseeder", nil, func(w *bufio.Writer) { writeSeed(w, many+20, many/5, 2, 1) }},
		{"kheops", []string{"--album", album}, func(w *bufio.Writer) { writeAlbum(w, 20) }},
		{"entrust", nil, func(w *bufio.Writer) { writeAccount(w, 20) }},
	} {
		path := data + ".json"
		if err := writeFile(path, list.write); err != nil {
			return nil, err
		}
		if err := take(ctx, binary, data, path, list.as, list.flags...); err != nil {
			return nil, err
		}
	}
	return serveGateway(ctx, binary, data)
}

// rest measures the reads beside the static answer of net/http: the same bytes
// under the same Content-Type. Then it reads the long lists.
func (m measurement) rest(ctx context.Context, binary string, many int) error {
	gateway, err := restGateway(ctx, binary, filepath.Join(m.dir, "rest"), many)
	if err != nil {
		return err
	}
	defer gateway.stop()
	for _, r := range reads(many) {
		static, err := staticServer(ctx, gateway.url+r.path)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		atStatic, atGateway, err := m.inTurns(static, gateway, func(s *server) (float64, error) {
			rate, _, err := m.wrk(ctx, s, r.name, "-H", "Authorization: Bearer "+adminKey, s.url+r.path)
			return rate, err
		})
		static.stop()
		if err != nil {
			return err
		}
		fmt.Printf("%-36s static %7.0f/s   gateway %8.0f/s   ratio %.2f%s\n", r.name, atStatic, atGateway, atGateway/atStatic, demanded(r.target, atGateway))
	}
	fmt.Println()
	return longLists(ctx, gateway, many)
}

func demanded(target int, rate float64) string {
	switch {
	case target == 0:
		return ""
	case rate < float64(target):
		return fmt.Sprintf("   MISSES %d/s", target)
	}
	return fmt.Sprintf("   (at least %d/s)", target)
}

// staticServer answers everything with what an address answers now. It is this
// process.
func staticServer(ctx context.Context, url string) (*server, error) {
	response, err := get(ctx, url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	media, length := response.Header.Get("Content-Type"), strconv.Itoa(len(body))
	static := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", media)
		w.Header().Set("Content-Length", length)
		_, _ = w.Write(body) // fails when wrk leaves
	}))
	return &server{url: static.URL, close: static.Close}, nil
}

func get(ctx context.Context, url string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+adminKey)
	response, err := http.DefaultClient.Do(r)
	if err == nil && response.StatusCode != http.StatusOK {
		response.Body.Close()
		err = fmt.Errorf("%s answers %s", url, response.Status)
	}
	return response, err
}

// longLists reads the lists of the clients with many webhooks to their ends, and
// tells what that takes of memory. A longer list takes no more, but for what the
// database keeps of its file until its caches are full (4 MB for each reader).
func longLists(ctx context.Context, gateway *server, many int) error {
	for _, list := range []struct{ client, webhooks int }{{3, many / 5}, {1, many}} {
		gateway.highest = 0
		stop, begun := gateway.watch(), time.Now()
		size, err := readList(ctx, fmt.Sprintf("%s/ps/api/clients/%d/webhooks.json", gateway.url, list.client), list.webhooks)
		stop()
		if err != nil {
			return err
		}
		fmt.Printf("PageSeeder, list of %-16d %6.1f MB in %5.1f s   anonymous memory %.1f MB (highest seen)\n",
			list.webhooks, float64(size)/1e6, time.Since(begun).Seconds(), gateway.highest)
	}
	return nil
}

// readList reads a list without keeping it, and counts its webhooks.
func readList(ctx context.Context, url string, want int) (size int64, err error) {
	response, err := get(ctx, url)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	decoder := json.NewDecoder(response.Body)
	for range 3 { // {, "webhooks", [
		if _, err := decoder.Token(); err != nil {
			return 0, err
		}
	}
	found := 0
	for ; decoder.More(); found++ {
		var webhook struct{ ID int }
		if err := decoder.Decode(&webhook); err != nil {
			return 0, err
		}
	}
	if found != want {
		return 0, fmt.Errorf("%s has %d webhooks, not %d", url, found, want)
	}
	return decoder.InputOffset(), nil
}
