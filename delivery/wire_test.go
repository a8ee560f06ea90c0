package delivery_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/delivery"
)

// wire returns the bytes of a request as a receiver gets them.
func wire(t *testing.T, path string, r delivery.Request) string {
	t.Helper()
	got := make(chan string, 1)
	receiver := receive(t, func(_ int, c net.Conn, _ *bufio.Reader) {
		var b bytes.Buffer
		if captured(c, &b) {
			got <- b.String()
			_, _ = io.WriteString(c, noContent)
		}
	})
	host := strings.TrimSuffix(receiver.url, secretPath)
	r.URL = host + path
	answered(t, newSender(t, delivery.Options{}).Send(t.Context(), r), 204)
	return strings.ReplaceAll(<-got, strings.TrimPrefix(host, "http://"), "HOST")
}

func TestBytesOnTheWire(t *testing.T) {
	t.Parallel()
	got := wire(t, "/hooks?b=2&a=1#fragment", delivery.Request{
		Header: [][2]string{
			{"X-PS-Secret", "0123456789"}, {"content-type", "application/xml; charset=UTF-8"}, {"X-Kheops-Event", "new_user"},
			{"Accept", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"}, {"Connection", "keep-alive"},
			{"User-Agent", "Jersey/2.33"}, {"X-B", "1"}, {"X-A", "2"}, {"X-B", "3"}, {"x-sha2-signature", "ab"}, {"X-Empty", ""},
			{"X-Text", "Größe\t1"},
		},
		Body: []byte("<webevents>\r\n\r\nö</webevents>\n"),
	})
	want, err := os.ReadFile("testdata/request.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
}

func TestUserAgent(t *testing.T) {
	t.Parallel()
	const with, without = "POST / HTTP/1.1\r\nHost: HOST\r\nUser-Agent: Hookgraph\r\nContent-Length: 0\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\n\r\n"
	if got := wire(t, "", delivery.Request{}); got != with {
		t.Errorf("got %q", got)
	}
	if got := wire(t, "", delivery.Request{Header: [][2]string{{"User-Agent", ""}}}); got != without {
		t.Errorf("got %q", got)
	}
}

// What is requested is what the URL says, and what TargetURI signs.
func TestRequestTarget(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"":                     "/",
		"?a":                   "/?a",
		"/?":                   "/?",
		"/a%2Fb//c/../d":       "/a%2Fb//c/../d",
		"/%7ea/~b;jsession=1":  "/%7ea/~b;jsession=1",
		"/{id}/ü b":            "/%7Bid%7D/%C3%BC%20b",
		"/?q=a b&ü={x}|\"&%zz": "/?q=a%20b&%C3%BC={x}|\"&%zz",
		"/a#b?c":               "/a",
	} {
		t.Run(given, func(t *testing.T) {
			t.Parallel()
			line, _, _ := strings.Cut(wire(t, given, delivery.Request{}), "\r\n")
			if line != "POST "+want+" HTTP/1.1" {
				t.Errorf("got %q, want %q", line, want)
			}
			if uri, err := delivery.TargetURI("https://example.org" + given); err != nil || uri != "https://example.org"+want {
				t.Errorf("the target URI is %q, %v", uri, err)
			}
		})
	}
}

func TestTargetURI(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://example.org:443/":      "https://example.org/",
		"http://example.org:443/":       "http://example.org:443/",
		"HTTP://Example.org:0080":       "http://Example.org/",
		"https://example.org:":          "https://example.org/",
		"https://[2001:DB8::1]:8443/x":  "https://[2001:DB8::1]:8443/x",
		"https://[fe80::1%25eth0]/x":    "https://[fe80::1]/x",
		"https://bücher.example/":       "https://xn--bcher-kva.example/",
		"https://under_score.example/a": "https://under_score.example/a",
	} {
		if got, err := delivery.TargetURI(given); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", given, got, err, want)
		}
	}
}

func TestBadURLs(t *testing.T) {
	t.Parallel()
	s := newSender(t, delivery.Options{})
	for url, want := range map[string]string{
		"":                                   "scheme",
		"/hush":                              "scheme",
		"ftp://example.org/hush":             "scheme",
		"url:https://example.org/hush":       "scheme",
		" https://example.org/hush":          "parsed",
		"https:example.org/hush":             "no host",
		"https:///hush":                      "no host",
		"https://:443/hush":                  "no host",
		"https://user:hush@example.org/":     "credentials",
		"https://example.org:0/hush":         "port",
		"https://example.org:65536/hush":     "port",
		"https://example.org:hush/":          "parsed",
		"https://u:hush/%zz":                 "parsed",
		"https://example.org/a\r\nHush: 1":   "parsed",
		"https://exa mple.org/hush":          "parsed",
		"https://exa%0d%0ample.org/hush":     "parsed",
		"https://a,b/hush":                   "host",
		"https://\u2028.example/hush":        "host",
		"https://xn--a\u00fc--.example/hush": "host",
	} {
		failed(t, s.Send(t.Context(), post(url, "{}")), delivery.KindURL, "the URL", want)
		if v := s.Check(t.Context(), url); v.Allowed || v.ErrorKind != delivery.KindURL || strings.Contains(v.Reason, "hush") {
			t.Errorf("%q: %+v", url, v)
		}
	}
}

func TestBadHeaders(t *testing.T) {
	t.Parallel()
	s := newSender(t, delivery.Options{})
	for _, h := range [][2]string{
		{"", "hush"}, {"X Y", "hush"}, {"X:", "hush"}, {"X\r\nY", "hush"}, {"Ä", "hush"},
		{"X-A", "hush\r\nX-B: 1"}, {"X-A", "hush\n"}, {"X-A", "hush\x00"}, {"X-A", "\x7fhush"},
		{"Host", "hush"}, {"content-length", "0"}, {"Transfer-Encoding", "chunked"}, {"Connection", "close"}, {"Connection", "X-A"},
		{"TE", "trailers"}, {"Trailer", "hush"}, {"Upgrade", "h2c"}, {"Expect", "100-continue"}, {"Keep-Alive", "1"},
	} {
		o := s.Send(t.Context(), delivery.Request{URL: "http://127.0.0.1:9" + secretPath, Header: [][2]string{h}})
		failed(t, o, delivery.KindRequest)
	}
}
