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
	// deliveryTimeout is how long a receiver may take to answer a delivery (no. 7).
	// Those in the field do their work before they answer.
	deliveryTimeout = 30 * time.Second
	// signatureEncoding is how X-PS-Signature is written (no. 1).
	signatureEncoding = delivery.PageSeederHex
	// xmlContentType is that of requests to receivers (no. 8).
	xmlContentType  = "application/xml; charset=UTF-8"
	jsonContentType = "application/json; charset=UTF-8"
)

// retryDelays lie between the tries of a delivery, whose number alone is known: a
// job that failed is processed again up to webhookRetries, 12 by default (section
// 7), so that there are 13 tries. How long PageSeeder waits is not (no. 7): these
// get over a restart within a minute and over a night without anybody.
var retryDelays = []time.Duration{
	10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute,
	15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour,
}

// The elements of answers that no readable page shows (no. 3).
const (
	rootWebhookDeletion = "webhook-deletion"
	rootClientDeletion  = "client-deletion"
	rootClients         = "clients"
)
