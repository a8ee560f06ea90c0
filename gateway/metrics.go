package gateway

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// metrics answers those who sit at this machine, and others with a key that
// reaches everything: the numbers are about everybody's deliveries.
func (g *Gateway) metrics(next http.Handler) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		viewer, err := g.authenticator.Viewer(r)
		switch {
		case err != nil:
			return err
		case viewer == nil && !local(r):
			return &hook.Error{Code: hook.Unauthenticated, Message: "a credential is needed"}
		case viewer != nil && !viewer.Global:
			return &hook.Error{Code: hook.Forbidden, Message: "a key that is neither bound nor a member's is needed"}
		}
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
		return nil
	}
}

// forwarding are headers of proxies: who sent the request is not known then.
var forwarding = []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"}

// local reports whether a program on this machine sends a request to this
// machine: not a proxy for somebody else, nor a page whose host name was made
// to point here.
func local(r *http.Request) bool {
	for _, name := range forwarding {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !from.Addr().Unmap().IsLoopback() {
		return false
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	to, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && to.Unmap().IsLoopback()
}
