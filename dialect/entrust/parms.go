package entrust

import (
	"slices"
	"time"

	"github.com/hookgraph/hookgraph/dialect/jsonrecords"
	"github.com/hookgraph/hookgraph/hook"
)

// fields understands WebhookParms (section 2.1). Members that it does not have
// are ignored (section 12, no. 27); a name is not demanded, because clients up
// to 5.45 know none (no. 10). What is absent stays as it is, or gets the default
// of a new webhook.
func fields(o *jsonrecords.Object) (hook.WebhookFields, error) {
	var f hook.WebhookFields
	o.Require("callbackUrl", "events")
	f.URL = hook.Set(o.Text("callbackUrl"))
	f.Subscriptions = hook.Set(subscriptions(o))
	if o.Has("name") {
		f.Name = hook.Set(o.Text("name"))
		if f.Name.Value == "" {
			o.Fail("name", "must not be empty")
		}
	}
	if o.Has("enabled") {
		f.Enabled = hook.Set(o.Bool("enabled", true))
	}
	if o.Has("expiry") {
		f.ExpiresAt = hook.Set(expiry(o))
	}
	return f, o.Err()
}

// expiry counts the days from now (section 12, no. 13); 0 is never.
func expiry(o *jsonrecords.Object) *time.Time {
	days := o.Integer("expiry")
	switch {
	case days < 0 || days > maxExpiry:
		o.Fail("expiry", "must be between 0 and %d days", maxExpiry)
		return nil
	case days == 0:
		return nil
	}
	date := time.Now().UTC().Truncate(time.Second).AddDate(0, 0, int(days))
	return &date
}

// subscriptions understands the events. Their ids are made here; those in a
// request are not looked at. What is there twice counts once (no. 8).
func subscriptions(o *jsonrecords.Object) []hook.Subscription {
	elements := o.Objects("events")
	if len(elements) == 0 {
		if emptyEventsAreAll {
			return []hook.Subscription{{Pattern: hook.PatternAny}}
		}
		o.Fail("events", "at least one is needed")
	}
	var list []hook.Subscription
	for _, element := range elements {
		element.Require("type")
		s := hook.Subscription{Pattern: eventType(element), Filter: element.Text("filter")}
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// eventType returns the type that an event names by its present name.
func eventType(element *jsonrecords.Object) string {
	name := element.Text("type")
	if present, old := aliases[name]; old {
		return present
	}
	if !hook.KnownEventType(hook.Entrust, name) {
		element.Fail("type", "%q is not an event type", name)
	}
	return name
}
