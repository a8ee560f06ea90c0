package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/hookgraph/hookgraph/auth"
	"github.com/hookgraph/hookgraph/gateway"
	"github.com/hookgraph/hookgraph/hook"
)

// sendList imports through the running gateway.
func sendList(ctx context.Context, c config, address string, list *source, progress func(int)) (*gateway.Summary, error) {
	key, err := runningKey(c)
	if err != nil {
		return nil, err
	}
	query := url.Values{"as": {c.as}}
	if c.album != "" {
		query.Set("album", c.album)
	}
	// What ends reading the list is told instead of what the request makes of it.
	body := &watched{Reader: list}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/import?"+query.Encode(), body)
	if err != nil {
		return nil, err
	}
	request.ContentLength = list.size
	request.Header.Set("Authorization", "Bearer "+key.Reveal())
	request.Header.Set("Accept", gateway.NDJSON)
	// A refusal comes before the list is sent.
	request.Header.Set("Expect", "100-continue")
	transport := &http.Transport{ExpectContinueTimeout: 10 * time.Second}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		if body.err != nil {
			err = fmt.Errorf("read the list: %w", body.err)
		}
		return nil, fmt.Errorf("send the list to the gateway at %s: %w", address, err)
	}
	defer response.Body.Close()
	return readLines(response, progress)
}

// readLines reads the answer of the gateway.
func readLines(response *http.Response, progress func(int)) (*gateway.Summary, error) {
	lines := json.NewDecoder(response.Body)
	for {
		var line gateway.Line
		switch err := lines.Decode(&line); {
		case err != nil && response.StatusCode != http.StatusOK:
			return nil, fmt.Errorf("the gateway answers %s", response.Status)
		case err != nil:
			return nil, fmt.Errorf("the gateway broke off: %w; import the list again, which does nothing twice", err)
		case line.Error != nil && line.Error.Code == hook.Unauthenticated:
			return nil, errors.New("the running gateway does not accept the admin key: give its own by HOOKGRAPH_ADMIN_KEY")
		case line.Error != nil:
			return nil, asSetting(&hook.Error{Code: line.Error.Code, Field: line.Error.Field, Message: line.Error.Message})
		case line.Summary != nil:
			return line.Summary, nil
		}
		progress(line.Done)
	}
}

// runningKey returns the admin key of the gateway that runs on the data folder.
func runningKey(c config) (hook.Secret, error) {
	if c.adminKey == "" {
		if _, err := os.Stat(filepath.Join(c.data, "admin.key")); errors.Is(err, fs.ErrNotExist) {
			return "", errors.New("the running gateway was given its admin key: give it here too by HOOKGRAPH_ADMIN_KEY")
		}
	}
	key, _, err := auth.AdminKey(c.data, c.adminKey)
	return key, err
}

// A watched reader remembers why reading ended early.
type watched struct {
	io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}
