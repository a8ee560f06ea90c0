package hook

import (
	"slices"
	"strconv"
	"strings"
)

// An EventType is an entry of a dialect's catalogue.
type EventType struct {
	Dialect Dialect
	Name    string
	// Scope tells where such events happen: "group", "project", "server" or
	// "admin" for PageSeeder, "album" for Kheops, "account" for Entrust.
	Scope string
}

// PatternAny subscribes to every type of the dialect's catalogue.
const PatternAny = "*"

func eventTypes(d Dialect, scope string, names ...string) []EventType {
	types := make([]EventType, len(names))
	for i, name := range names {
		types[i] = EventType{d, name, scope}
	}
	return types
}

// catalogues are PageSeeder's section 6.3, Entrust's 7.2 (the enum of 5.46) and
// Kheops' 6. A name may occur in two scopes. STANDARD has no list: its types
// are free.
var catalogues = map[Dialect][]EventType{
	PageSeeder: slices.Concat(
		eventTypes(PageSeeder, "admin", "webhook.ping"),
		eventTypes(PageSeeder, "group",
			"comment.created", "comment.modified", "comment.archived", "comment.unarchived", "comment.deleted",
			"group.deleted", "group.archived", "group.modified", "groupproperties.modified",
			"groupfolder.created", "groupfolder.deleted", "groupfolder.modified",
			"membership.created", "membership.modified", "membership.deleted",
			"publication.created", "publication.modified", "publication.deleted",
			"task.updated", "workflow.updated", "uri.created", "uri.modified", "uri.archived", "uri.deleted"),
		eventTypes(PageSeeder, "project", "group.created", "project.deleted", "project.archived", "project.modified"),
		eventTypes(PageSeeder, "server", "member.created", "member.modified", "member.deleted", "project.created", "server.started"),
	),
	Entrust: eventTypes(Entrust, "account",
		"authentication.succeeded", "authentication.failed",
		"user.created", "user.updated", "user.deleted", "user.registration.completed",
		"password.updated", "kba.question.created", "grid.created", "grid.email.sent", "grid.password.email.sent",
		"passkey.created", "passkey.updated", "passkey.deleted", "magiclink.email.sent", "face.biometric.created",
		"token.created", "token.activated", "token.activated.online", "token.seed.rotated", "hardware.token.assigned",
		"credential.create", "credential.update", "credential.delete", "credential.print"),
	Kheops: eventTypes(Kheops, "album", "new_series", "remove_series", "new_user", "delete_album"),
}

// EventTypes returns the catalogue of a dialect; it is empty for STANDARD.
func EventTypes(d Dialect) []EventType { return slices.Clone(catalogues[d]) }

// KnownEventType reports whether the dialect's catalogue has the type. Any
// well-formed type is one of STANDARD.
func KnownEventType(d Dialect, name string) bool {
	if d == Standard {
		return validStandardType(name)
	}
	return slices.ContainsFunc(catalogues[d], func(t EventType) bool { return t.Name == name })
}

const maxEventType = 128

// validStandardType follows the Standard Webhooks specification: groups of
// letters, digits, _ and - joined by full stops.
func validStandardType(name string) bool {
	if len(name) > maxEventType {
		return false
	}
	for part := range strings.SplitSeq(name, ".") {
		if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
			return false
		}
	}
	return true
}

// validPattern reports whether a subscription of the dialect may have the
// pattern: a type, "*", and for PageSeeder and STANDARD "object.*".
func validPattern(d Dialect, pattern string) bool {
	if pattern == PatternAny {
		return true
	}
	if object, found := strings.CutSuffix(pattern, ".*"); found {
		switch d {
		case Standard:
			return validStandardType(object)
		case PageSeeder:
			return slices.ContainsFunc(catalogues[d], func(t EventType) bool { return strings.HasPrefix(t.Name, object+".") })
		}
		return false
	}
	return KnownEventType(d, pattern)
}

func (w *Webhook) validateSubscriptions(known []Subscription) error {
	if len(w.Subscriptions) > maxSubscriptions {
		return Invalidf("subscriptions", "at most %d are allowed", maxSubscriptions)
	}
	// Entrust's console demands one (section 12, no. 8), and a list of PageSeeder
	// that names none stands for all.
	if len(w.Subscriptions) == 0 && (w.Dialect == Entrust || w.Dialect == PageSeeder) {
		return Invalidf("subscriptions", "at least one is needed")
	}
	for i, s := range w.Subscriptions {
		at := "subscriptions." + strconv.Itoa(i)
		if !validPattern(w.Dialect, s.Pattern) && !(w.Dialect == PageSeeder && hasPattern(known, s.Pattern)) {
			return Invalidf(at+".pattern", "%q is not an event type of dialect %s", clip(s.Pattern), w.Dialect)
		}
		if err := validLine(at+".pattern", s.Pattern, maxEventType); err != nil {
			return err
		}
		if err := optionalLine(at+".id", s.ID, maxSubscriptionID); err != nil {
			return err
		}
		if s.Filter != "" && w.Dialect != Entrust {
			return Invalidf(at+".filter", "only Entrust webhooks have filters")
		}
		if err := validText(at+".filter", s.Filter, maxFilter); err != nil {
			return err
		}
	}
	return nil
}

// hasPattern reports whether a PageSeeder webhook came with a pattern:
// PageSeeder ignores entries that it does not know (section 5), so that lists
// can hold them.
func hasPattern(known []Subscription, pattern string) bool {
	return slices.ContainsFunc(known, func(s Subscription) bool { return s.Pattern == pattern })
}
