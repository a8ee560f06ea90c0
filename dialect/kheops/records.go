package kheops

import (
	"io"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hookgraph/hookgraph/dialect/jsonrecords"
	"github.com/hookgraph/hookgraph/hook"
)

// Records reads an answer of E1.
func (*API) Records(input io.Reader) iter.Seq2[*hook.Record, error] {
	return jsonrecords.Records(input, "", func(o *jsonrecords.Object, r *hook.Record) {
		o.Require("id", "url", "name")
		r.Webhook = &hook.Webhook{
			Dialect:       hook.Kheops,
			Name:          o.Text("name"),
			URL:           o.Text("url"),
			Subscriptions: readEvents(o),
			Enabled:       o.Bool("enabled", true),
			Health:        hook.HealthActive,
			SecretState:   hook.SecretNone,
			Format:        hook.FormatJSON,
			Detail:        hook.DetailMinimal,
			VerifyTLS:     true,
		}
		r.Webhook.Key = o.Text("id")
		if !webhookKey.MatchString(r.Webhook.Key) {
			o.Fail("id", "%q is not the id of a webhook: 20 letters and digits", r.Webhook.Key)
		}
		if o.Bool("use_secret", false) {
			r.Webhook.SecretState = hook.SecretUnknown
		}
		r.Last = readLastTriggers(o)
		r.Triggers = int64(len(r.Last))
		if o.Has("number_of_triggers") {
			n := o.Integer("number_of_triggers")
			if n < r.Triggers {
				o.Fail("number_of_triggers", "%d is less than the triggers that are shown", n)
			}
			r.Triggers = n
		}
	})
}

var (
	webhookKey = regexp.MustCompile(`^[A-Za-z0-9]{20}$`)
	// Kheops makes trigger ids of 30 characters, but its documentation shows
	// others: any that a node can have is taken.
	triggerKey = regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`)
)

// readEvents takes names in any case and each once, as Kheops does (section 3,
// E2).
func readEvents(o *jsonrecords.Object) []hook.Subscription {
	var subscriptions []hook.Subscription
	for i, text := range o.Texts("events") {
		name := strings.ToLower(text)
		if !hook.KnownEventType(hook.Kheops, name) {
			o.Fail("events."+strconv.Itoa(i), "%q is not an event type", text)
		}
		if !slices.ContainsFunc(subscriptions, func(s hook.Subscription) bool { return s.Pattern == name }) {
			subscriptions = append(subscriptions, hook.Subscription{Pattern: name})
		}
	}
	return subscriptions
}

func readLastTriggers(o *jsonrecords.Object) []hook.LastTrigger {
	elements := o.Objects("last_triggers")
	if len(elements) > hook.LastTriggers {
		o.Fail("last_triggers", "at most %d are allowed", hook.LastTriggers)
		return nil
	}
	var last []hook.LastTrigger
	for _, element := range elements {
		t := hook.LastTrigger{Trigger: element.Text("id")}
		switch status := element.Text("status"); status {
		case "pass":
			t.Status = hook.TriggerPass
		case "fail":
			t.Status = hook.TriggerFail
		default:
			element.Fail("status", "expected pass or fail")
		}
		if !triggerKey.MatchString(t.Trigger) {
			element.Fail("id", "%q is not the id of a trigger: 1 to 64 letters and digits", t.Trigger)
		}
		if slices.ContainsFunc(last, func(other hook.LastTrigger) bool { return other.Trigger == t.Trigger }) {
			element.Fail("id", "%q is given twice", t.Trigger)
		}
		last = append(last, t)
	}
	return last
}
