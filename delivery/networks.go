package delivery

import (
	"fmt"
	"net/netip"
	"strings"
)

// A network is a range of addresses with what it is for.
type network struct {
	prefix netip.Prefix
	rule   string
}

func networks(lines ...string) (list []network) {
	for _, line := range lines {
		cidr, rule, _ := strings.Cut(line, " ")
		list = append(list, network{netip.MustParsePrefix(cidr), rule})
	}
	return list
}

// metadata are addresses at which clouds tell secrets to the machines in them.
// They are refused first, and an opened network does not open them; only they
// themselves, named one by one, do.
var metadata = networks(
	"169.254.169.254/32 cloud metadata service",
	"169.254.170.2/32 cloud metadata service (Amazon ECS)",
	"169.254.170.23/32 cloud metadata service (Amazon EKS)",
	"100.100.100.200/32 cloud metadata service (Alibaba)",
	"192.0.0.192/32 cloud metadata service (Oracle)",
	"168.63.129.16/32 cloud platform service (Azure)",
	"fd00:ec2::254/128 cloud metadata service (Amazon)",
	"fd00:ec2::23/128 cloud metadata service (Amazon EKS)",
	"fd20:ce::254/128 cloud metadata service (Google)",
)

// special are the networks that are not part of the public internet: those of
// IANA's registries of special-purpose addresses that are not globally
// reachable, multicast, and what was withdrawn. More exact ones come first.
var special = networks(
	"0.0.0.0/32 unspecified address",
	"0.0.0.0/8 this network",
	"10.0.0.0/8 private network",
	"100.64.0.0/10 shared address space (CGNAT)",
	"127.0.0.0/8 loopback",
	"169.254.0.0/16 link-local",
	"172.16.0.0/12 private network",
	"192.0.0.0/24 protocol assignments",
	"192.0.2.0/24 documentation",
	"192.88.99.0/24 6to4 relay",
	"192.168.0.0/16 private network",
	"198.18.0.0/15 benchmarking",
	"198.51.100.0/24 documentation",
	"203.0.113.0/24 documentation",
	"224.0.0.0/4 multicast",
	"255.255.255.255/32 broadcast",
	"240.0.0.0/4 reserved",

	"::/128 unspecified address",
	"::1/128 loopback",
	"::/96 IPv4-compatible address",
	"64:ff9b:1::/48 local NAT64",
	"100::/64 discard only",
	"2001::/32 Teredo tunnel",
	"2001::/23 protocol assignments",
	"2001:db8::/32 documentation",
	"3fff::/20 documentation",
	"5f00::/16 segment routing",
	"fc00::/7 unique local address",
	"fe80::/10 link-local",
	"fec0::/10 site-local",
	"ff00::/8 multicast",
)

var (
	nat64      = netip.MustParsePrefix("64:ff9b::/96")
	localNAT64 = netip.MustParsePrefix("64:ff9b:1::/48")
	sixToFour  = netip.MustParsePrefix("2002::/16")
	teredo     = netip.MustParsePrefix("2001::/32")
	compatible = netip.MustParsePrefix("::/96")
	global6    = netip.MustParsePrefix("2000::/3")
)

// embedded returns the IPv4 addresses that an IPv6 address stands for.
func embedded(address netip.Addr) []netip.Addr {
	b := address.As16()
	at := func(i ...int) netip.Addr { return netip.AddrFrom4([4]byte{b[i[0]], b[i[1]], b[i[2]], b[i[3]]}) }
	last := at(12, 13, 14, 15)
	switch {
	case nat64.Contains(address), compatible.Contains(address):
		return []netip.Addr{last}
	case localNAT64.Contains(address):
		// Its operator decides how long the prefix is (RFC 6052, section 2.2; RFC
		// 8215).
		return []netip.Addr{last, at(6, 7, 9, 10), at(7, 9, 10, 11), at(9, 10, 11, 12)}
	case sixToFour.Contains(address):
		return []netip.Addr{at(2, 3, 4, 5)}
	case teredo.Contains(address):
		// The server, and the client with all bits turned (RFC 4380, section 4).
		return []netip.Addr{at(4, 5, 6, 7), netip.AddrFrom4([4]byte{^b[12], ^b[13], ^b[14], ^b[15]})}
	case b[8]&^3 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe:
		return []netip.Addr{last} // ISATAP (RFC 5214, section 6.1)
	}
	return nil
}

// ParseNetworks reads networks that the guard is to open, such as 10.0.0.0/8 or
// fd00::/8; an address alone stands for itself. The error names the one that is
// wrong.
func ParseNetworks(texts []string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, text := range texts {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		if address, err := netip.ParseAddr(text); err == nil && address.Zone() == "" {
			address = address.Unmap()
			list = append(list, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%q is no network, such as 10.0.0.0/8 or fd00::/8", text)
		case prefix.Addr().Is4In6():
			return nil, fmt.Errorf("%q is an IPv4 network in IPv6 form: write it as IPv4", text)
		case prefix != prefix.Masked():
			return nil, fmt.Errorf("%q has an address inside of the network: is %s meant?", text, prefix.Masked())
		}
		list = append(list, prefix)
	}
	return list, nil
}
