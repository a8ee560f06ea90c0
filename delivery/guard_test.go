package delivery_test

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hookgraph/hookgraph/delivery"
)

// refusing is a sender that fails the test if anything is dialled.
func refusing(t *testing.T, options delivery.Options) *delivery.Sender {
	t.Helper()
	options.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
		t.Errorf("%s was dialled", address)
		return nil, net.ErrClosed
	}
	return delivery.NewSender(options)
}

func TestRefusedAddresses(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"0.0.0.0":         "unspecified address (0.0.0.0/32)",
		"0.1.2.3":         "this network (0.0.0.0/8)",
		"10.0.0.0":        "private network (10.0.0.0/8)",
		"10.255.255.255":  "private network (10.0.0.0/8)",
		"100.64.0.1":      "shared address space (CGNAT) (100.64.0.0/10)",
		"100.127.255.255": "shared address space (CGNAT) (100.64.0.0/10)",
		"100.100.100.200": "cloud metadata service (Alibaba) (100.100.100.200/32)",
		"127.0.0.1":       "loopback (127.0.0.0/8)",
		"127.255.255.254": "loopback (127.0.0.0/8)",
		"168.63.129.16":   "cloud platform service (Azure) (168.63.129.16/32)",
		"169.254.1.1":     "link-local (169.254.0.0/16)",
		"169.254.169.254": "cloud metadata service (169.254.169.254/32)",
		"172.16.0.1":      "private network (172.16.0.0/12)",
		"172.31.255.255":  "private network (172.16.0.0/12)",
		"192.0.0.8":       "protocol assignments (192.0.0.0/24)",
		"192.0.0.192":     "cloud metadata service (Oracle) (192.0.0.192/32)",
		"192.0.2.1":       "documentation (192.0.2.0/24)",
		"192.88.99.1":     "6to4 relay (192.88.99.0/24)",
		"192.168.1.1":     "private network (192.168.0.0/16)",
		"198.19.255.255":  "benchmarking (198.18.0.0/15)",
		"198.51.100.1":    "documentation (198.51.100.0/24)",
		"203.0.113.1":     "documentation (203.0.113.0/24)",
		"224.0.0.1":       "multicast (224.0.0.0/4)",
		"239.255.255.255": "multicast (224.0.0.0/4)",
		"240.0.0.1":       "reserved (240.0.0.0/4)",
		"255.255.255.255": "broadcast (255.255.255.255/32)",

		"[::]":                       "unspecified address (::/128)",
		"[::1]":                      "loopback (::1/128)",
		"[0:0:0:0:0:0:0:1]":          "loopback (::1/128)",
		"[::ffff:127.0.0.1]":         "loopback, because it stands for 127.0.0.1 (127.0.0.0/8)",
		"[::ffff:7f00:1]":            "loopback, because it stands for 127.0.0.1 (127.0.0.0/8)",
		"[::ffff:169.254.169.254]":   "cloud metadata service, because it stands for 169.254.169.254 (169.254.169.254/32)",
		"[::127.0.0.1]":              "IPv4-compatible address (::/96)",
		"[::8.8.8.8]":                "IPv4-compatible address (::/96)",
		"[::169.254.169.254]":        "cloud metadata service, because it stands for 169.254.169.254 (169.254.169.254/32)",
		"[::ffff:0:127.0.0.1]":       "not globally routed (::/0)", // SIIT
		"[64:ff9b::10.0.0.1]":        "private network, because it stands for 10.0.0.1 (10.0.0.0/8)",
		"[64:ff9b::a9fe:a9fe]":       "cloud metadata service, because it stands for 169.254.169.254 (169.254.169.254/32)",
		"[64:ff9b:0:1::1]":           "not globally routed (::/0)",
		"[64:ff9b:1::8.8.8.8]":       "local NAT64 (64:ff9b:1::/48)",
		"[64:ff9b:1:a9fe:a9:fe00::]": "cloud metadata service, because it stands for 169.254.169.254 (169.254.169.254/32)",
		"[100::1]":                   "discard only (100::/64)",
		"[2001::1]":                  "Teredo tunnel (2001::/32)",
		"[2001:0:1:2:3:4:5601:5601]": "cloud metadata service, because it stands for 169.254.169.254 (169.254.169.254/32)",
		"[2001:10::1]":               "protocol assignments (2001::/23)",
		"[2001:db8::1]":              "documentation (2001:db8::/32)",
		"[2002:7f00:1::1]":           "loopback, because it stands for 127.0.0.1 (127.0.0.0/8)",
		"[2002:a00:1::]":             "private network, because it stands for 10.0.0.1 (10.0.0.0/8)",
		"[2606:1::5efe:192.168.0.1]": "private network, because it stands for 192.168.0.1 (192.168.0.0/16)",
		"[2606:1::200:5efe:a00:1]":   "private network, because it stands for 10.0.0.1 (10.0.0.0/8)",
		"[3fff::1]":                  "documentation (3fff::/20)",
		"[4000::1]":                  "not globally routed (::/0)",
		"[5f00::1]":                  "segment routing (5f00::/16)",
		"[fc00::1]":                  "unique local address (fc00::/7)",
		"[fd12:3456:789a::1]":        "unique local address (fc00::/7)",
		"[fd00:ec2::254]":            "cloud metadata service (Amazon) (fd00:ec2::254/128)",
		"[fe80::1]":                  "link-local (fe80::/10)",
		"[fe80::1%25eth0]":           "address with a zone",
		"[::1%25lo]":                 "address with a zone",
		"[2606:1::1%25eth0]":         "address with a zone",
		"[fec0::1]":                  "site-local (fec0::/10)",
		"[ff02::1]":                  "multicast (ff00::/8)",
	} {
		s := refusing(t, delivery.Options{})
		url := "https://" + host + secretPath
		failed(t, s.Send(t.Context(), post(url, "{}")), delivery.KindBlocked, "is refused: "+want)
		v := s.Check(t.Context(), url)
		if v.Allowed || v.ErrorKind != delivery.KindBlocked || len(v.Addresses) != 1 || v.Addresses[0].Allowed ||
			!strings.HasSuffix(v.Addresses[0].String(), want) || !strings.Contains(v.Reason, want) || strings.Contains(v.Reason, "hush") {
			t.Errorf("%s: %+v", host, v)
		}
	}
}

// No system is asked what it takes an odd number for.
func TestNumericHosts(t *testing.T) {
	t.Parallel()
	s := refusing(t, delivery.Options{AllowPrivate: local, Resolver: names{}})
	for _, host := range []string{
		"2130706433", "0x7f000001", "0X7F.1", "017700000001", "0177.0.0.1", "127.1", "127.0.1", "0x7f.0.0.1", "127.0.0.1.", "127.0.0.1..",
		"127.0.0.01", "127.0.0.0x1", "127.0.0.256", "0", "0x", "1.2.3.4.5", "example.1",
	} {
		failed(t, s.Send(t.Context(), post("http://"+host+secretPath, "{}")), delivery.KindBlocked, "usual form")
	}
	// Names may begin with numbers, and end with letters a to f.
	for _, host := range []string{"127.0.0.1.nip.example", "0x7f.example", "1.beef", "x0x1"} {
		failed(t, s.Send(t.Context(), post("http://"+host, "{}")), delivery.KindDNS)
	}
	// Digits in other forms are the same digits.
	strict := refusing(t, delivery.Options{Resolver: names{}})
	for _, host := range []string{"１２７.０.０.１", "127。0。0。1", "①②⑦.0.0.1"} {
		failed(t, strict.Send(t.Context(), post("http://"+host, "{}")), delivery.KindBlocked, "loopback")
	}
}

func TestAllowedAddresses(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"8.8.8.8": "8.8.8.8", "9.255.255.255": "9.255.255.255", "100.63.255.255": "", "100.128.0.0": "", "172.15.0.1": "", "172.32.0.1": "",
		"192.0.1.1": "", "[2606:2800:21f::1]": "2606:2800:21f::1", "[::ffff:8.8.8.8]": "::ffff:8.8.8.8", "[64:ff9b::8.8.8.8]": "64:ff9b::808:808",
		"[2002:808:808::1]": "", "[2001:200::1]": "",
	} {
		var dialled atomic.Value
		s := delivery.NewSender(delivery.Options{Dial: func(_ context.Context, _, address string) (net.Conn, error) {
			dialled.Store(address)
			return nil, net.ErrClosed
		}})
		failed(t, s.Send(t.Context(), post("http://"+host+":8080", "{}")), delivery.KindConnect)
		if want != "" && dialled.Load() != net.JoinHostPort(want, "8080") {
			t.Errorf("%s: %v was dialled", host, dialled.Load())
		}
		v := s.Check(t.Context(), "http://"+host)
		if !v.Allowed || v.ErrorKind != "" || len(v.Addresses) != 1 || v.Addresses[0].Rule != "public" {
			t.Errorf("%s: %+v", host, v)
		}
	}
}

func TestOpenedNetworks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		open, host string
		allowed    bool
	}{
		{"10.0.0.0/8", "10.1.2.3", true},
		{"10.0.0.0/8", "11.0.0.1", true}, // public
		{"10.0.0.0/8", "192.168.0.1", false},
		{"10.0.0.0/8", "[::ffff:10.1.2.3]", true},
		{"10.0.0.0/8", "[64:ff9b::10.1.2.3]", true},
		{"10.0.0.0/8", "[2002:a01:203::1]", true},
		{"10.0.0.0/8", "[::10.1.2.3]", false},
		{"10.1.2.3", "10.1.2.3", true},
		{"10.1.2.3", "10.1.2.4", false},
		{"::1", "[::1]", true},
		{"::1", "127.0.0.1", false},
		{"fd00::/8,127.0.0.0/8", "[fd12::1]", true},
		{"fd00::/8, 127.0.0.0/8", "127.0.0.1", true},
		{"fe80::/10", "[fe80::1%25eth0]", false},
		{"0.0.0.0/0", "127.0.0.1", true},
		{"0.0.0.0/0", "169.254.169.254", false},
		{"0.0.0.0/0", "[::ffff:169.254.169.254]", false},
		{"0.0.0.0/0", "[::1]", false},
		{"::/0", "[fd00:ec2::254]", false},
		{"::/0", "[64:ff9b::169.254.169.254]", false},
		{"::/0", "127.0.0.1", false},
		{"169.254.0.0/16", "169.254.169.254", false},
		{"169.254.0.0/16", "169.254.1.1", true},
		{"169.254.169.254/32", "169.254.169.254", true},
		{"169.254.169.254", "169.254.170.2", false},
		{"fd00:ec2::254", "[fd00:ec2::254]", true},
	} {
		open, err := delivery.ParseNetworks(strings.Split(test.open, ","))
		if err != nil {
			t.Fatal(err)
		}
		v := delivery.NewSender(delivery.Options{AllowPrivate: open}).Check(t.Context(), "https://"+test.host+"/")
		if v.Allowed != test.allowed {
			t.Errorf("%s with %s: %+v", test.host, test.open, v)
		}
	}
}

func TestParseNetworks(t *testing.T) {
	t.Parallel()
	got, err := delivery.ParseNetworks([]string{" 10.0.0.0/8 ", "", "::ffff:192.0.2.1", "fd00::/8"})
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("fd00::/8")}
	if err != nil || len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("%v, %v", got, err)
	}
	for text, word := range map[string]string{
		"localhost": "localhost", "10.0.0.0/33": "10.0.0.0/33", "10.1.2.3/8": "10.0.0.0/8", "::ffff:10.0.0.0/104": "IPv4", "fe80::1%eth0": "fe80",
		"10.0.0.0/8 10.0.0.0/8": "no network",
	} {
		if got, err := delivery.ParseNetworks([]string{"10.0.0.0/8", text}); err == nil || got != nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

// Of several addresses only those are dialled that the guard lets pass.
func TestMixedAddresses(t *testing.T) {
	t.Parallel()
	dialled := make(chan string, 9)
	s := delivery.NewSender(delivery.Options{
		Resolver: names{"mixed.test": {"10.0.0.1", "::ffff:8.8.8.8", "::1"}, "inside.test": {"10.0.0.1", "::1"}},
		Dial: func(_ context.Context, _, address string) (net.Conn, error) {
			dialled <- address
			return nil, net.ErrClosed
		},
	})
	failed(t, s.Send(t.Context(), post("https://mixed.test", "{}")), delivery.KindConnect)
	if len(dialled) != 1 || <-dialled != "8.8.8.8:443" {
		t.Error("another address was dialled")
	}
	v := s.Check(t.Context(), "https://mixed.test")
	if !v.Allowed || len(v.Addresses) != 3 || !strings.Contains(v.Reason, "10.0.0.1 is refused") || !strings.Contains(v.Reason, "::1 is refused") {
		t.Errorf("%+v", v)
	}
	failed(t, s.Send(t.Context(), post("https://inside.test", "{}")), delivery.KindBlocked, "10.0.0.1 is refused", "::1 is refused")
	if v := s.Check(t.Context(), "https://none.test"); v.Allowed || v.ErrorKind != delivery.KindDNS || v.Host != "none.test" {
		t.Errorf("%+v", v)
	}
}

// rebinding gives a name one address after the other.
type rebinding struct {
	addresses []string
	asked     atomic.Int32
}

func (r *rebinding) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	n := int(r.asked.Add(1)) - 1
	return []netip.Addr{netip.MustParseAddr(r.addresses[min(n, len(r.addresses)-1)])}, nil
}

// What is checked is what is dialled: a name is looked up once for both, and
// again for every connection.
func TestRebinding(t *testing.T) {
	t.Parallel()
	var dialled []string
	answer := piping(answeringOnce("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"))
	names := &rebinding{addresses: []string{"8.8.8.8", "169.254.169.254", "8.8.4.4"}}
	s := delivery.NewSender(delivery.Options{Resolver: names, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled = append(dialled, address)
		return answer(ctx, network, address)
	}})
	request := post("http://rebinding.test", "{}")
	answered(t, s.Send(t.Context(), request), 200)
	failed(t, s.Send(t.Context(), request), delivery.KindBlocked, "cloud metadata service")
	answered(t, s.Send(t.Context(), request), 200)
	if got := strings.Join(dialled, " "); got != "8.8.8.8:80 8.8.4.4:80" || names.asked.Load() != 3 {
		t.Errorf("%s were dialled, %d look-ups", got, names.asked.Load())
	}
}

// The system's dialler asks the guard about the address that it is given.
func TestGuardedDialer(t *testing.T) {
	t.Parallel()
	r := receive(t, answering(noContent))
	address := strings.TrimPrefix(strings.TrimSuffix(r.url, secretPath), "http://")
	if _, err := delivery.GuardedDial(t.Context(), nil, "tcp", address); err == nil || !strings.Contains(err.Error(), "loopback (127.0.0.0/8)") {
		t.Errorf("got %v", err)
	}
	c, err := delivery.GuardedDial(t.Context(), local, "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	if n := r.connections.Load(); n > 1 {
		t.Errorf("%d connections", n)
	}
}
