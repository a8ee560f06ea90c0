package entrust

import "time"

// What the specification leaves open is decided here. The numbers are those of
// its section 12; what is not listed is written where it happens.
const (
	// emptyEventsAreAll takes an empty list of events for all of them (no. 8):
	// the schema's text says so, the original's console demands one.
	emptyEventsAreAll = false

	// maxExpiry is the longest life of a webhook, in days (section 2.1).
	maxExpiry = 1000

	// timeLimit is how long a receiver may take to answer (section 6), in a test
	// call too (no. 18).
	timeLimit = 3 * time.Second

	// maxJitter is the most that is added to the wait before a retry (no. 23).
	maxJitter = 500 * time.Millisecond

	// maxFailures is how many events in a row may fail before the webhook is
	// disabled (section 6). An event fails with its last attempt (no. 21).
	maxFailures = 100

	// sessionCookie is set by a login with enableWebSession (section 4).
	sessionCookie = "INTELLITRUST_SESSION_ID"
)

// The codes of errors. Those of the login and of credentials are known to
// clients (section 3.2), and the pattern of webhook_not_found is; the others are
// our own (no. 1 to 3).
const (
	codeUnknownApplication = "api_application_not_found"
	codeAccessDenied       = "access_denied"
	codeBadToken           = "invalid_session_token"
	codeUnknownWebhook     = "webhook_not_found"
	codeInvalid            = "invalid_parameter"
	codeMediaType          = "unsupported_media_type"
	codeTooLarge           = "request_too_large"
	codeExpired            = "webhook_expired"
	codeLimit              = "webhook_limit_reached"
	codeConflict           = "conflict"
	codeTestFailed         = "webhook_test_failed"
	codeUnknownToken       = "webhook_token_unknown"
)

// Signatures are the generations of signatures that deliveries carry (no. 25).
type Signatures int

// The generations. Receivers look at the headers that they know, so that both
// is safe.
const (
	BothSignatures Signatures = iota
	// MessageSignatures are those of RFC 9421 (section 8.1).
	MessageSignatures
	// BodySignature is x-sha2-signature (section 8.2).
	BodySignature
)

// A TokenForm is the form of a new webhook's token (no. 6). Clients treat it as
// text.
type TokenForm int

// The forms.
const (
	// PrefixedToken is whsec_ and base64url, like the samples of 5.46.
	PrefixedToken TokenForm = iota
	// PlainToken is base64 alone, like the samples before.
	PlainToken
)
