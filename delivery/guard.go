package delivery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// A guard keeps requests out of networks that are not public.
type guard struct{ open []netip.Prefix }

// judge says whether an address may be dialled, and which rule decides.
func (g guard) judge(address netip.Addr) AddressVerdict {
	v := AddressVerdict{Address: address}
	if address.Zone() != "" {
		// It names a network card of this machine.
		v.Rule = "address with a zone"
		return v
	}
	if !address.IsValid() {
		v.Rule = "no address"
		return v
	}
	plain := address.Unmap()
	if address.Is4In6() {
		v.Embedded = plain
	}
	inside := embedded(plain)
	for _, a := range append([]netip.Addr{plain}, inside...) {
		if n := find(metadata, a); n != nil && !g.names(a) {
			v.Rule, v.Network = n.rule, n.prefix
			if a != plain {
				v.Embedded = a
			}
			return v
		}
	}
	for _, prefix := range g.open {
		if prefix.Contains(plain) {
			v.Allowed, v.Rule, v.Network = true, "opened", prefix
			return v
		}
	}
	if n := find(special, plain); n != nil {
		v.Rule, v.Network = n.rule, n.prefix
		return v
	}
	for _, a := range inside {
		if in := g.judge(a); !in.Allowed {
			v.Rule, v.Network, v.Embedded = in.Rule, in.Network, a
			return v
		}
	}
	if plain.Is6() && !global6.Contains(plain) && !nat64.Contains(plain) {
		v.Rule, v.Network = "not globally routed", netip.MustParsePrefix("::/0")
		return v
	}
	v.Allowed, v.Rule = true, "public"
	return v
}

// names reports whether an address was opened by itself.
func (g guard) names(address netip.Addr) bool {
	for _, prefix := range g.open {
		if prefix.IsSingleIP() && prefix.Addr() == address {
			return true
		}
	}
	return false
}

func find(list []network, address netip.Addr) *network {
	for i := range list {
		if list[i].prefix.Contains(address) {
			return &list[i]
		}
	}
	return nil
}

// String explains the verdict: "10.1.2.3 is refused: private network
// (10.0.0.0/8)".
func (v AddressVerdict) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is ", v.Address)
	switch {
	case !v.Allowed:
		b.WriteString("refused: " + v.Rule)
	case v.Network.IsValid():
		b.WriteString("allowed: opened by --allow-private")
	default:
		b.WriteString("allowed: " + v.Rule)
	}
	if v.Embedded.IsValid() {
		fmt.Fprintf(&b, ", because it stands for %s", v.Embedded)
	}
	if v.Network.IsValid() {
		fmt.Fprintf(&b, " (%s)", v.Network)
	}
	return b.String()
}

// judge looks the host of a target up and judges its addresses.
func (s *Sender) judge(ctx context.Context, to *target) Verdict {
	v := Verdict{Host: to.host}
	if numericHost(to.host) {
		v.ErrorKind = KindBlocked
		v.Reason = to.host + " is refused: a numeric host must be an address in its usual form, such as 192.0.2.1"
		return v
	}
	addresses, err := s.addresses(ctx, to.host)
	if err != nil || len(addresses) == 0 {
		v.ErrorKind, v.Reason, v.cause = KindDNS, dnsReason(to.host, err), err
		return v
	}
	var refused []string
	for _, address := range addresses {
		a := s.guard.judge(address)
		v.Addresses = append(v.Addresses, a)
		if v.Allowed = v.Allowed || a.Allowed; !a.Allowed {
			refused = append(refused, a.String())
		}
	}
	switch {
	case !v.Allowed:
		v.ErrorKind = KindBlocked
		v.Reason = fmt.Sprintf("the network guard lets nothing through to %s: %s", to.host, strings.Join(refused, "; "))
	case len(refused) > 0:
		v.Reason = fmt.Sprintf("requests to %s go to its allowed addresses only: %s", to.host, strings.Join(refused, "; "))
	default:
		v.Reason = fmt.Sprintf("requests to %s are allowed", to.host)
	}
	return v
}

// addresses returns those of a name, or the address that the host is.
func (s *Sender) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if address, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{address}, nil
	}
	addresses, err := s.resolver.LookupNetIP(ctx, "ip", host)
	for i, address := range addresses {
		addresses[i] = address.Unmap() // resolvers give IPv4 addresses in IPv6 form too
	}
	return addresses, err
}

func dnsReason(host string, err error) string {
	var e *net.DNSError
	switch {
	case err == nil:
		return host + " has no address"
	case !errors.As(err, &e):
		return host + " could not be looked up"
	case e.IsNotFound:
		return host + " does not exist, or has no address"
	case e.IsTimeout:
		return "no name server answered for " + host
	}
	return host + " could not be looked up: " + e.Err
}
