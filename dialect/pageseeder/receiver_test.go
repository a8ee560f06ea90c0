package pageseeder_test

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A receiver does what the receivers in the field do, header by header and byte
// by byte: it looks headers up by their exact spelling, reads a body by its
// Content-Length only, parses XML without minding a declaration but minding
// what stands before it, and takes a ping for one only if the event holds a
// webhook with an id.
type receiver struct {
	t   *testing.T
	url string
	// answer, if set, replaces what is answered. It is given the secret.
	answer func(secret string) string

	mu  sync.Mutex
	got []received
}

type received struct {
	line   string
	names  []string
	header map[string]string
	body   string
}

func receive(t *testing.T) *receiver {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{t: t, url: fmt.Sprintf("http://%s/ps?a=b", listener.Addr())}
	var open sync.WaitGroup
	t.Cleanup(func() {
		listener.Close()
		open.Wait()
	})
	open.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			open.Go(func() {
				defer conn.Close()
				r.serve(conn)
			})
		}
	})
	return r
}

func (r *receiver) serve(conn net.Conn) {
	in := bufio.NewReader(conn)
	got := received{header: map[string]string{}}
	for i := 0; ; i++ {
		line, err := in.ReadString('\n')
		line = strings.TrimSuffix(line, "\r\n")
		switch {
		case err != nil:
			return
		case i == 0:
			got.line = line
			continue
		}
		if line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ": ")
		got.names = append(got.names, name)
		got.header[name] = value
	}
	if length, err := strconv.Atoi(got.header["Content-Length"]); err == nil {
		body := make([]byte, length)
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		got.body = string(body)
	}
	r.mu.Lock()
	r.got = append(r.got, got)
	r.mu.Unlock()
	secret := got.header["X-PS-Secret"]
	answer := "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
	if isPing(got) {
		answer = "HTTP/1.1 200 OK\r\nX-PS-Secret: " + secret + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
	}
	if r.answer != nil {
		answer = strings.ReplaceAll(r.answer(secret), "\n", "\r\n") + "Content-Length: 0\r\nConnection: close\r\n\r\n"
	}
	_, _ = io.WriteString(conn, answer)
}

// events is an XML payload as a receiver understands it.
type events struct {
	XMLName xml.Name `xml:"webevents"`
	Webhook struct {
		ID   string `xml:"id,attr"`
		Name string `xml:"name,attr"`
	} `xml:"webhook"`
	Events []struct {
		ID       string `xml:"id,attr"`
		Datetime string `xml:"datetime,attr"`
		Type     string `xml:"type,attr"`
		Groups   []struct {
			ID   string `xml:"id,attr"`
			Name string `xml:"name,attr"`
		} `xml:"event>group"`
		Webhook *struct {
			ID string `xml:"id,attr"`
		} `xml:"webhook"`
	} `xml:"webevent"`
}

func isPing(got received) bool {
	if strings.HasPrefix(got.header["Content-Type"], "application/json") {
		return strings.Contains(got.body, `"type":"webhook.ping"`)
	}
	if !strings.HasPrefix(got.body, "<") {
		return false
	}
	var all events
	if err := xml.NewDecoder(bytes.NewReader([]byte(got.body))).Decode(&all); err != nil || len(all.Events) != 1 {
		return false
	}
	event := all.Events[0]
	return event.Type == "webhook.ping" && event.Webhook != nil && event.Webhook.ID != ""
}

// last returns what came last, and how many requests came.
func (r *receiver) last() (received, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.got) == 0 {
		return received{}, 0
	}
	return r.got[len(r.got)-1], len(r.got)
}
