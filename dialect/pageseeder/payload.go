package pageseeder

import (
	"fmt"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// An envelope is what one request tells one webhook: who it is for and what
// happened (section 7).
type envelope struct {
	webhook reference
	events  []element
}

// A webevent is one thing that happened. Its object is absent where the format
// does not show one.
type webevent struct {
	id     string
	at     time.Time
	kind   string
	groups []element
	// objectName names the element of the object.
	objectName string
	object     element
}

// A reference is the minimal form of a webhook and of groups.
type reference struct {
	id   int64
	name string
}

func (r *reference) fields(f fields) {
	if r.id != 0 {
		f.id("id", &r.id)
	}
	f.text("name", &r.name, optional)
}

func (e *envelope) fields(f fields) {
	f.object("webhook", &e.webhook, required)
	f.(encoder).list("webevents", "webevent", e.events)
}

func (e *webevent) fields(f fields) {
	f.text("id", &e.id, required)
	f.date("datetime", &e.at, required)
	f.text("type", &e.kind, required)
	if len(e.groups) > 0 {
		f.(encoder).wrappedList("event", "group", e.groups)
	}
	if e.object != nil {
		f.object(e.objectName, e.object, required)
	}
}

func (*envelope) absent() bool  { return false }
func (*webevent) absent() bool  { return false }
func (*reference) absent() bool { return false }

// typePing is the event that every webhook gets, whatever it asks for.
const typePing = "webhook.ping"

// newPing is the ping of a webhook. The XML form has the webhook a second time,
// as the object of the event: receivers fail without it. The documented JSON form
// has not (section 1, no. 4).
func newPing(w *hook.Webhook, at time.Time, counter string) *webevent {
	ping := &webevent{id: fmt.Sprintf("%d.%s", w.Number, counter), at: at, kind: typePing}
	if w.Format == hook.FormatXML {
		ping.objectName, ping.object = "webhook", &reference{w.Number, w.Name}
	}
	return ping
}

// payload writes an event for a webhook in its format. Receivers take several in
// one request; each is sent in its own, and so retried by itself.
func (a *API) payload(w *hook.Webhook, event *webevent) []byte {
	format := formatJSON
	if w.Format == hook.FormatXML {
		format = formatXML
	}
	encoder := format.encoder(a.location)
	encoder.root("webevents", &envelope{reference{w.Number, w.Name}, []element{event}})
	return encoder.written()
}
