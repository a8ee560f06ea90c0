package main

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/mattn/go-isatty"

	"github.com/hookgraph/hookgraph/web"
)

// localAddress returns where this machine reaches a listener.
func localAddress(addr net.Addr) string {
	a, ok := addr.(*net.TCPAddr)
	if !ok {
		return "http://" + addr.String()
	}
	host := a.IP.String()
	switch {
	case a.IP.IsUnspecified() && a.IP.To4() != nil:
		host = "127.0.0.1"
	case a.IP.IsUnspecified():
		host = "localhost"
	}
	return fmt.Sprintf("http://%s", net.JoinHostPort(host, fmt.Sprint(a.Port)))
}

// announce tells people where the gateway is and what it works on. The key of
// the administrator is part of the link on a terminal only, and only if the
// gateway has made it: elsewhere the text is kept, in a log for instance.
func (c *config) announce(s streams, log *slog.Logger, h *house, addr net.Addr) {
	address := localAddress(addr)
	link := address + "/"
	if c.publicURL != "" {
		link = c.publicURL + "/"
	}
	if a, ok := addr.(*net.TCPAddr); ok && !a.IP.IsLoopback() {
		log.Warn("listening beyond this machine without encryption: let a proxy with TLS stand in front", "address", addr.String())
	}
	if !web.Offline(web.Assets()) {
		log.Warn("the Playground loads GraphiQL from cdn.jsdelivr.net, which needs the network: make build puts it into the program")
	}
	if c.jsonLog {
		log.Info("started", "version", version(), "address", address, "playground", link, "data", c.data, "database", h.database)
		return
	}
	hint := "HOOKGRAPH_ADMIN_KEY"
	if c.adminKey == "" {
		hint = filepath.Join(c.data, "admin.key")
		if isTerminal(s.out) {
			link += "#key=" + h.adminKey.Reveal()
		}
	}
	fmt.Fprintf(s.out, "Hookgraph is running.\n  Address     %s\n  Playground  %s\n  Admin key   %s\n  Data        %s\n  Database    %s\n",
		address, link, hint, c.data, h.database)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
