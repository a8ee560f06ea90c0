package pageseeder

import (
	"net/http"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
)

// What the specification leaves open (section 12) is decided here. A parameter
// with a value that it cannot have is refused with 400, never replaced by the
// default (no. 5); lists are ordered by id (no. 12); a webhook whose URL changes
// keeps its status, and one that is made active by hand needs no ping (no. 6).
const (
	// statusCreated answers a creation (no. 5).
	statusCreated = http.StatusOK
	// statusPing answers a ping that failed (no. 4).
	statusPing = http.StatusBadRequest
	// statusUnknown answers the services of which only the names are known (no. 3).
	statusUnknown = http.StatusNotImplemented
	// pingTimeout is how long a receiver may take to answer a ping (no. 7).
	pingTimeout = 10 * time.Second
	// signatureEncoding is how X-PS-Signature is written (no. 1).
	signatureEncoding = delivery.PageSeederHex
	// xmlContentType is that of requests to receivers (no. 8).
	xmlContentType  = "application/xml; charset=UTF-8"
	jsonContentType = "application/json; charset=UTF-8"
)

// The elements of answers that no readable page shows (no. 3).
const (
	rootWebhookDeletion = "webhook-deletion"
	rootClientDeletion  = "client-deletion"
	rootClients         = "clients"
)
