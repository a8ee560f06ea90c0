package entrust

import (
	"io"
	"iter"
	"strconv"
	"time"

	"github.com/hookgraph/hookgraph/dialect/jsonrecords"
	"github.com/hookgraph/hookgraph/hook"
)

// Records reads an answer of operation 2. That never shows a token, so that the
// secrets are unknown.
func (a *API) Records(input io.Reader) iter.Seq2[*hook.Record, error] {
	return jsonrecords.Records(input, "", func(o *jsonrecords.Object, r *hook.Record) {
		o.Require("id", "callbackUrl", "enabled")
		r.Webhook = &hook.Webhook{
			Dialect:       hook.Entrust,
			Name:          o.Text("name"),
			URL:           o.Text("callbackUrl"),
			Subscriptions: readEvents(o),
			Enabled:       o.Bool("enabled", false),
			Health:        hook.HealthActive,
			ExpiresAt:     a.readExpiryDate(o),
			SecretState:   hook.SecretUnknown,
			Format:        hook.FormatJSON,
			Detail:        hook.DetailMinimal,
			VerifyTLS:     true,
		}
		r.Webhook.Key = o.Text("id")
	})
}

// aliases are the names of event types before 5.46 (section 12, no. 9).
var aliases = map[string]string{"user.create": "user.created"}

func readEvents(o *jsonrecords.Object) []hook.Subscription {
	elements := o.Objects("events")
	if len(elements) == 0 {
		o.Fail("events", "at least one is needed")
	}
	subscriptions := make([]hook.Subscription, len(elements))
	for i, element := range elements {
		element.Require("type")
		s := hook.Subscription{ID: element.Text("id"), Pattern: eventType(element), Filter: element.Text("filter")}
		if s.ID == "" {
			s.ID = eventID(o.Text("id"), strconv.Itoa(i), s.Pattern)
		}
		subscriptions[i] = s
	}
	return subscriptions
}

// readExpiryDate returns when the webhook expires, nil for never. Whether it has
// expired follows from that: a webhook that says so without a date would come
// to life again.
func (a *API) readExpiryDate(o *jsonrecords.Object) *time.Time {
	expired := o.Bool("expired", false)
	if !o.Has("expiryDate") {
		if expired {
			o.Fail("expired", "is true, but there is no expiryDate")
		}
		return nil
	}
	text := o.Text("expiryDate")
	date, ok := a.readExpiry(text)
	if !ok {
		o.Fail("expiryDate", "%q is not a date and time like 2027-08-19T10:15:00", text)
		return nil
	}
	return &date
}
