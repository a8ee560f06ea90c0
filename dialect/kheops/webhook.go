package kheops

import (
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/hookgraph/hookgraph/hook"
)

// appendWebhook writes the list form of a webhook (section 4.1): without a
// trigger there is no last_triggers. The bare form is that of a new webhook.
func appendWebhook(b []byte, w *hook.Webhook, stats *hook.Stats) []byte {
	b = appendFields(b, w)
	b = appendLastTriggers(b, stats.Last)
	b = append(b, `,"number_of_triggers":`...)
	b = strconv.AppendInt(b, stats.Total(), 10)
	return append(b, '}')
}

// appendFields writes what all forms begin with; events is always there. Kheops
// knows no expiry: a webhook that has expired is shown as what it is, disabled.
func appendFields(b []byte, w *hook.Webhook) []byte {
	b = append(b, `{"id":`...)
	b = appendText(b, w.Key)
	b = append(b, `,"url":`...)
	b = appendText(b, w.URL)
	b = append(b, `,"name":`...)
	b = appendText(b, w.Name)
	b = append(b, `,"use_secret":`...)
	b = strconv.AppendBool(b, w.UsesSecret())
	b = append(b, `,"events":[`...)
	for i, event := range events(w) {
		b = appendComma(b, i)
		b = appendText(b, event)
	}
	b = append(b, `],"enabled":`...)
	return strconv.AppendBool(b, w.Active())
}

// events returns what the webhook subscribes to, in the catalogue's order,
// which is the fixed one of section 4.1.
func events(w *hook.Webhook) []string {
	var names []string
	for _, t := range hook.EventTypes(hook.Kheops) {
		if slices.ContainsFunc(w.Subscriptions, func(s hook.Subscription) bool {
			return s.Pattern == t.Name || s.Pattern == hook.PatternAny
		}) {
			names = append(names, t.Name)
		}
	}
	return names
}

// appendLastTriggers knows two statuses: what has not passed yet has failed
// (section 4.2).
func appendLastTriggers(b []byte, last []hook.LastTrigger) []byte {
	if len(last) == 0 {
		return b
	}
	b = append(b, `,"last_triggers":[`...)
	for i, t := range last[:min(len(last), hook.LastTriggers)] {
		b = appendComma(b, i)
		b = append(b, `{"id":`...)
		b = appendText(b, t.Trigger)
		if t.Status == hook.TriggerPass {
			b = append(b, `,"status":"pass"}`...)
		} else {
			b = append(b, `,"status":"fail"}`...)
		}
	}
	return append(b, ']')
}

func appendComma(b []byte, i int) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return b
}

// appendText writes a string as Kheops' JSON writer does (section 1), which
// escapes other characters than encoding/json: control characters up to U+009F
// and what lies outside of the basic plane, and no slash or angle bracket.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\b':
			b = append(b, `\b`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\f':
			b = append(b, `\f`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r < ' ', r >= 0x7f && r < 0xa0:
			b = appendEscape(b, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			b = appendEscape(appendEscape(b, high), low)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

func appendEscape(b []byte, unit rune) []byte {
	const digits = "0123456789ABCDEF"
	return append(b, '\\', 'u', digits[unit>>12], digits[unit>>8&15], digits[unit>>4&15], digits[unit&15])
}
