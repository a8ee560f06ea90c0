package delivery

import (
	"net/http"
	"time"
)

// An Outcome is what came of a request: the answer, or why there was none.
type Outcome struct {
	// StatusCode is that of the answer, three digits of whatever value; 0 if there
	// was none. Once it is there, it decides: ErrorKind is empty even if the
	// body then broke off or did not end.
	StatusCode int
	// ErrorKind says why there was no answer; one of the Kind constants.
	ErrorKind string
	// Err explains ErrorKind in a sentence for people. It names the host and
	// address of the receiver, but neither path nor query of the URL, no header
	// and no secret. It is nil if and only if ErrorKind is empty.
	Err error
	// Header is the answer's, with canonical names.
	Header http.Header
	// Body is the beginning of the answer's body, at most MaxBody bytes.
	Body []byte
	// Truncated says that the body was longer than Body or broke off.
	Truncated bool
	// Duration is how long all of it took.
	Duration time.Duration
}

// The kinds of errors.
const (
	// KindURL: the URL cannot be requested; nothing was sent, and nothing will
	// be.
	KindURL = "url"
	// KindRequest: a header cannot be sent; nothing was.
	KindRequest = "request"
	// KindBlocked: the network guard refuses the receiver's address.
	KindBlocked = "blocked"
	// KindDNS: the name has no address.
	KindDNS = "dns"
	// KindConnect: no connection came about.
	KindConnect = "connect"
	// KindTLS: the TLS handshake failed, or the certificate is not valid.
	KindTLS = "tls"
	// KindTimeout: the time limit passed before the answer's head was complete.
	KindTimeout = "timeout"
	// KindReset: the receiver closed the connection before the answer's head was
	// complete.
	KindReset = "reset"
	// KindProtocol: what was answered is not HTTP/1, or beyond the limits.
	KindProtocol = "protocol"
	// KindCanceled: the caller's context ended.
	KindCanceled = "canceled"
)
