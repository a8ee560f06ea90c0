package delivery

import (
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// A target is where a URL points to.
type target struct {
	secure bool
	// host is a name in ASCII or an address without brackets.
	host string
	port string
	// authority is the value of the Host header.
	authority string
	// path is the request target: path and query.
	path string
}

func (t *target) address() string { return net.JoinHostPort(t.host, t.port) }

func (t *target) uri() string {
	if t.secure {
		return "https://" + t.authority + t.path
	}
	return "http://" + t.authority + t.path
}

// TargetURI returns the URI that a receiver sees itself called by: the URL
// without its fragment and a default port, with a path, and percent-encoded
// where it must be. RFC 9421 signs it as @target-uri. An error says why the URL
// cannot be requested; it does not repeat the URL.
func TargetURI(rawURL string) (string, error) {
	t, err := parseTarget(rawURL)
	if err != nil {
		return "", err
	}
	return t.uri(), nil
}

func badURL(text string) error { return &fault{kind: KindURL, text: "the URL " + text} }

// parseTarget reads a URL. Its errors do not repeat it: paths and queries hold
// secrets as often as not.
func parseTarget(rawURL string) (*target, error) {
	u, err := url.Parse(rawURL)
	switch {
	case err != nil:
		return nil, badURL("cannot be parsed")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, badURL("has neither the scheme https nor http")
	case u.User != nil:
		return nil, badURL("contains credentials")
	case u.Hostname() == "":
		return nil, badURL("has no host")
	}
	t := &target{secure: u.Scheme == "https", host: u.Hostname(), port: "80", path: requestTarget(u)}
	if t.secure {
		t.port = "443"
	}
	usual := t.port
	if port := u.Port(); port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return nil, badURL("has a port that is not between 1 and 65535")
		}
		t.port = strconv.FormatUint(n, 10)
	}
	if !isASCII(t.host) {
		if t.host, err = idna.Lookup.ToASCII(t.host); err != nil {
			return nil, badURL("has a host that is no valid international name")
		}
	}
	if strings.ContainsFunc(t.host, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`"<>\^`+"`{|}#/?@,;", r) }) {
		return nil, badURL("has a host with characters that names do not have")
	}
	t.authority = t.host
	if strings.Contains(t.host, ":") {
		t.authority = "[" + strings.SplitN(t.host, "%", 2)[0] + "]"
	}
	if t.port != usual {
		t.authority += ":" + t.port
	}
	return t, nil
}

// requestTarget returns path and query as they are written, but for what would
// break the request line.
func requestTarget(u *url.URL) string {
	path := u.EscapedPath()
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if u.RawQuery == "" && !u.ForceQuery {
		return path
	}
	var b strings.Builder
	b.WriteString(path + "?")
	for i := range len(u.RawQuery) {
		if c := u.RawQuery[i]; c <= ' ' || c >= 0x7f {
			b.WriteString("%" + strings.ToUpper(strconv.FormatUint(0x100|uint64(c), 16)[1:]))
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// numericHost reports whether a host is an address in a form that systems read
// in different ways: 2130706433, 0x7f.1, 017700000001, 127.1, 127.0.0.1. with a
// full stop. No top-level domain is a number, so that no name is meant.
func numericHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	host = strings.TrimRight(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	if rest, found := strings.CutPrefix(strings.ToLower(last), "0x"); found {
		return strings.Trim(rest, "0123456789abcdef") == ""
	}
	return strings.Trim(last, "0123456789") == ""
}
