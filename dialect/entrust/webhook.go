package entrust

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/hookgraph/hookgraph/hook"
)

// webhook is the wire form of section 2.3.
type webhook struct {
	ID string `json:"id"`
	// Clients up to 5.45 do not know the name, and cannot set one.
	Name        string  `json:"name,omitempty"`
	CallbackURL string  `json:"callbackUrl"`
	Enabled     bool    `json:"enabled"`
	Events      []event `json:"events"`
	Expired     bool    `json:"expired"`
	// ExpiryDate is null for never.
	ExpiryDate *string `json:"expiryDate"`
	// Token is shown once, to who made the webhook; otherwise it is left out
	// (section 12, no. 7).
	Token string `json:"token,omitempty"`
}

// event is the wire form of section 2.2.
type event struct {
	ID     string `json:"id,omitempty"`
	Type   string `json:"type"`
	Filter string `json:"filter,omitempty"`
}

// expiryFormat has no zone and no fraction (section 2.3).
const expiryFormat = "2006-01-02T15:04:05"

func (a *API) webhook(w *hook.Webhook) webhook {
	form := webhook{ID: w.Key, Name: w.Name, CallbackURL: w.URL, Enabled: w.Active(), Events: events(w), Expired: w.Expired()}
	if w.ExpiresAt != nil {
		date := w.ExpiresAt.In(a.location).Format(expiryFormat)
		form.ExpiryDate = &date
	}
	return form
}

// events returns what the webhook subscribes to. Generated clients fail on a
// type that is not one of the 25 (section 5), so that "*" is written as all
// that the webhook does not name itself, under ids that stay the same.
func events(w *hook.Webhook) []event {
	list := make([]event, 0, len(w.Subscriptions))
	for _, s := range w.Subscriptions {
		if s.Pattern != hook.PatternAny {
			list = append(list, event{s.ID, s.Pattern, s.Filter})
			continue
		}
		for _, t := range hook.EventTypes(hook.Entrust) {
			if !slices.ContainsFunc(w.Subscriptions, func(other hook.Subscription) bool {
				return other.Pattern == t.Name && (other.Filter == "" || other.Filter == s.Filter)
			}) {
				list = append(list, event{eventID(w.Key, s.ID, t.Name), t.Name, s.Filter})
			}
		}
	}
	return list
}

// eventSpace makes the ids of events that have none of their own.
var eventSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/hookgraph/hookgraph/entrust/events"))

func eventID(webhook, subscription, eventType string) string {
	return uuid.NewSHA1(eventSpace, []byte(webhook+" "+subscription+" "+eventType)).String()
}

// write writes a value as JSON as it is: without HTML escapes.
func write(b *bytes.Buffer, value any) error {
	encoder := json.NewEncoder(b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	b.Truncate(b.Len() - len("\n"))
	return nil
}

// readExpiry reads an expiry date. One that says its zone is believed.
func (a *API) readExpiry(text string) (time.Time, bool) {
	t, err := time.ParseInLocation(expiryFormat, text, a.location)
	if err != nil {
		t, err = time.Parse(time.RFC3339, text)
	}
	return t.UTC().Truncate(time.Millisecond), err == nil
}
