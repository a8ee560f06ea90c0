package delivery

import (
	"context"
	"net/netip"
)

// A Verdict is what the network guard says of a URL, and why.
type Verdict struct {
	// Allowed reports whether requests would be sent: to those of the addresses
	// that are allowed.
	Allowed bool
	// Reason is a sentence that explains Allowed. It shows nothing of the URL but
	// the host.
	Reason string
	// ErrorKind is what Send would report; empty if Allowed.
	ErrorKind string
	// Host is the name or address in the URL, if it could be read.
	Host string
	// Addresses are those of the host, each with its own verdict.
	Addresses []AddressVerdict

	cause error
}

// An AddressVerdict is what the network guard says of one address.
type AddressVerdict struct {
	Address netip.Addr
	Allowed bool
	// Rule names what the address is: "loopback", "private network" and so on;
	// "public" if no rule is against it, "opened" if one was overruled.
	Rule string
	// Network is the CIDR that decided: that of the rule, or the one that was
	// opened. It is zero for public addresses.
	Network netip.Prefix
	// Embedded is the IPv4 address inside of Address that decided, if one did.
	Embedded netip.Addr
}

// Check says what the network guard thinks of a URL now. Send asks again each
// time it dials: names can get other addresses.
func (s *Sender) Check(ctx context.Context, rawURL string) Verdict {
	to, err := parseTarget(rawURL)
	if err != nil {
		return Verdict{ErrorKind: KindURL, Reason: err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return s.judge(ctx, to)
}
