package kheops

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/hookgraph/hookgraph/hook"
)

// The limits that Kheops names in its answers, in UTF-16 units (section 3, E2).
const (
	maxURL    = 1024
	maxName   = 255
	maxSecret = 1024
)

// units counts UTF-16 units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

func tooLong(parameter, value string, most int) *refusal {
	if n := units(value); n > most {
		return badForm("%s has %d characters, at most %d are allowed", parameter, n, most)
	}
	return nil
}

func tooShort(parameter, value string) *refusal {
	if value == "" {
		return badForm("%s has 0 characters, at least 1 is needed", parameter)
	}
	return nil
}

// trim removes what Java's trim removes.
func trim(s string) string { return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' }) }

func checkURL(text string) *refusal {
	if refused := tooLong("url", text, maxURL); refused != nil {
		return refused
	}
	if err := hook.CheckWebhookURL(hook.Kheops, text); err != nil {
		return badForm("%s", err)
	}
	return nil
}

func checkName(name string) *refusal {
	if refused := tooLong("name", name, maxName); refused != nil {
		return refused
	}
	return tooShort("name", name)
}

// eventNames reads event types in any case, each once.
func eventNames(parameter string, values []string) ([]string, *refusal) {
	var names []string
	for _, text := range values {
		name := lower(text)
		if !hook.KnownEventType(hook.Kheops, name) {
			return nil, badForm("%s has a value that is not an event", parameter)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

// lower folds the letters that names of events have, and no others.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func subscriptions(names []string) hook.Patch[[]hook.Subscription] {
	list := make([]hook.Subscription, len(names))
	for i, name := range names {
		list[i].Pattern = name
	}
	return hook.Set(list)
}

// readNew reads the form of E2. The first rule that is broken, in the order of
// section 3, is the one that is answered.
func readNew(f form) (fields hook.WebhookFields, refused *refusal) {
	url, name, secret := f.text("url"), f.text("name"), f.text("secret")
	if url == nil || name == nil {
		return fields, &refusal{status: http.StatusBadRequest}
	}
	names, refused := eventNames("event", f["event"])
	if refused != nil {
		return fields, refused
	}
	fields = hook.WebhookFields{Name: hook.Set(trim(*name)), URL: hook.Set(*url), Subscriptions: subscriptions(names)}
	if refused = checkURL(*url); refused == nil {
		refused = checkName(fields.Name.Value)
	}
	if secret != nil {
		fields.Secret = hook.Set(hook.Secret(*secret))
		if refused == nil {
			refused = tooLong("secret", *secret, maxSecret)
		}
		if refused == nil {
			refused = tooShort("secret", *secret)
		}
	}
	if enabled := f.text("enabled"); enabled != nil && strings.TrimSpace(*enabled) != "" {
		fields.Enabled = hook.Set(isTrue(*enabled))
	}
	return fields, refused
}

// A change is what the form of E4 asks for.
type change struct {
	fields hook.WebhookFields
	// Of these at most one is not nil. set replaces the events.
	set, add, remove []string
}

// readChange reads the form of E4, whose order of rules is another one.
func readChange(f form) (c change, refused *refusal) {
	if name := f.text("name"); name != nil {
		c.fields.Name = hook.Set(trim(*name))
		if refused = checkName(c.fields.Name.Value); refused != nil {
			return c, refused
		}
	}
	if secret := f.text("secret"); secret != nil {
		c.fields.Secret = hook.Set(hook.Secret(*secret))
		if refused = tooLong("secret", *secret, maxSecret); refused != nil {
			return c, refused
		}
	}
	if url := f.text("url"); url != nil {
		c.fields.URL = hook.Set(*url)
		if refused = checkURL(*url); refused != nil {
			return c, refused
		}
	}
	if enabled := f.text("enabled"); enabled != nil {
		c.fields.Enabled = hook.Set(isTrue(*enabled))
	}
	return c, c.readEvents(f)
}

// readEvents reads event, add_event and remove_event. Where add_event is given,
// Kheops does not look at remove_event.
func (c *change) readEvents(f form) (refused *refusal) {
	set, add, remove := f["event"], f["add_event"], f["remove_event"]
	switch {
	case set != nil && (add != nil || remove != nil):
		return badForm("event cannot be given together with add_event or remove_event")
	case set != nil:
		given := slices.DeleteFunc(slices.Clone(set), func(s string) bool { return s == "" })
		c.set, refused = eventNames("event", given)
		if c.set == nil {
			c.set = []string{}
		}
	case add != nil:
		c.add, refused = eventNames("add_event", add)
	case remove != nil:
		c.remove, refused = eventNames("remove_event", remove)
	}
	return refused
}

// apply returns what the change makes of a webhook.
func (c *change) apply(w *hook.Webhook) hook.WebhookFields {
	fields := c.fields
	switch {
	case c.set != nil:
		fields.Subscriptions = subscriptions(c.set)
	case c.add != nil:
		fields.Subscriptions = hook.Set(append(slices.Clone(w.Subscriptions), subscriptions(c.add).Value...))
	case c.remove != nil:
		// One that subscribes to everything is left with what it does not remove.
		left := slices.DeleteFunc(events(w), func(name string) bool { return slices.Contains(c.remove, name) })
		fields.Subscriptions = subscriptions(left)
	}
	return fields
}
