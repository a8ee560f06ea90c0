package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/gateway"
)

const (
	// answerTime is how long the server of a list may take to begin.
	answerTime = time.Minute
	// listTime is how long a list may take in all.
	listTime = 30 * time.Minute
)

// A source is the list that is imported.
type source struct {
	io.ReadCloser
	size int64 // -1 if unknown
	// spooled is a copy that can be read several times, once it is made.
	spooled *gateway.Spooled
}

// openList opens what the FILE of the import names.
func openList(ctx context.Context, c config, in io.Reader) (*source, error) {
	switch {
	case c.file == "-":
		return &source{ReadCloser: io.NopCloser(in), size: -1}, nil
	case isAddress(c.file):
		return fetch(ctx, c)
	}
	file, err := os.Open(c.file)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if info.IsDir() {
		return nil, errors.Join(fmt.Errorf("%s is a folder", c.file), file.Close())
	}
	size := int64(-1)
	if info.Mode().IsRegular() {
		size = info.Size()
	}
	return &source{ReadCloser: file, size: size}, nil
}

// whole returns the list as something that can be read several times.
func (s *source) whole() (io.ReaderAt, int64, error) {
	if file, ok := s.ReadCloser.(*os.File); ok && s.size >= 0 {
		return file, s.size, nil
	}
	spooled, err := gateway.Spool(s)
	if err != nil {
		return nil, 0, fmt.Errorf("read the list: %w", err)
	}
	s.spooled = spooled
	return spooled, spooled.Size, nil
}

func (s *source) Close() error {
	err := s.ReadCloser.Close()
	if s.spooled != nil {
		err = errors.Join(err, s.spooled.Close())
	}
	return err
}

func isAddress(file string) bool {
	scheme, _, found := strings.Cut(file, "://")
	return found && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

// checkSource refuses addresses that would tell secrets to others.
func checkSource(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "":
		return wrong("the address of the list is malformed")
	case u.User != nil:
		return wrong("the address of the list has credentials: give them by --header")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return wrong("the address of the list must be https, except on this machine")
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// fetch asks for a list. Errors name the host only, since the address may hold a
// secret.
func fetch(ctx context.Context, c config) (*source, error) {
	ctx, cancel := context.WithTimeout(ctx, listTime)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.file, nil)
	if err != nil {
		cancel()
		return nil, wrong("the address of the list is malformed")
	}
	request.Header.Set("Accept", "application/json, application/xml;q=0.9")
	request.Header.Set("User-Agent", "hookgraph-import")
	for _, h := range c.headers {
		if strings.EqualFold(h[0], "Host") {
			request.Host = h[1]
			continue
		}
		request.Header.Set(h[0], h[1])
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = answerTime
	client := &http.Client{
		Transport: transport,
		// The headers are for this host alone.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("fetch the list from %s: %w", request.URL.Host, plain(err))
	}
	if response.StatusCode != http.StatusOK {
		cancel()
		return nil, errors.Join(fmt.Errorf("fetch the list from %s: it answers %s", request.URL.Host, response.Status), response.Body.Close())
	}
	return &source{ReadCloser: &fetched{response.Body, cancel}, size: response.ContentLength}, nil
}

// plain removes the address from an error of a client.
func plain(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

type fetched struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (f *fetched) Close() error {
	f.cancel()
	return f.ReadCloser.Close()
}
