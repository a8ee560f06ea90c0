package hook

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The limits of what is published.
const (
	// MaxEventData is the largest JSON text of an event, in bytes.
	MaxEventData = 256 << 10
	// MaxEventDepth is how deep the JSON text may be nested.
	MaxEventDepth = 32
	// MaxPublications is how many events are published at once.
	MaxPublications = 100

	// MaxIdempotencyKey is the longest idempotency key, in UTF-16 units.
	MaxIdempotencyKey = 255

	maxEventGroups = 100
)

// A Publication is an event that somebody publishes.
type Publication struct {
	Type string
	// Owner is the client or album that the event belongs to; zero stands for the
	// account.
	Owner ID
	// Dialect is the catalogue of the type, empty for the one that has it among
	// those of the owner, or STANDARD.
	Dialect Dialect
	// Groups and Projects are those that it concerns (PageSeeder).
	Groups, Projects []string
	// Data is JSON text; empty stands for an object without members. The dialects
	// of the original APIs need an object.
	Data string
	// OccurredAt is when it happened; nil: now.
	OccurredAt *time.Time
	// IdempotencyKey keeps the owner's event from being published twice.
	IdempotencyKey string
}

// ownerDialects are the dialects whose webhooks an owner's events reach, the
// most special ones first (section 7 of the design).
var ownerDialects = map[Kind][]Dialect{
	KindAccount: {PageSeeder, Entrust, Standard},
	KindClient:  {Standard},
	KindAlbum:   {Kheops, Standard},
}

// event checks a publication and returns its event, without a key.
func (p *Publication) event(now time.Time) (*Event, error) {
	e := &Event{Meta: Meta{Created: now}, Type: p.Type, OccurredAt: now, Groups: p.Groups, Projects: p.Projects, Data: p.Data, IdempotencyKey: p.IdempotencyKey}
	owner := p.Owner
	if owner.IsZero() {
		owner = ID{Kind: KindAccount}
	}
	if ownerDialects[owner.Kind] == nil {
		return nil, Invalidf("owner", "an event belongs to a client, an album or the account")
	}
	e.Owner = owner.String()
	var err error
	if e.Dialect, err = catalogueOf(owner.Kind, p.Dialect, p.Type); err != nil {
		return nil, err
	}
	e.ServerEvent = e.Dialect == PageSeeder && hasScope(p.Type, "server")
	if p.OccurredAt != nil {
		e.OccurredAt = *instant(p.OccurredAt)
		if year := e.OccurredAt.Year(); year < 1970 || year > 9999 {
			return nil, Invalidf("occurredAt", "must be between the years 1970 and 9999")
		}
	}
	for _, list := range []struct {
		field string
		names []string
	}{{"groups", p.Groups}, {"projects", p.Projects}} {
		field, names := list.field, list.names
		if len(names) > maxEventGroups {
			return nil, Invalidf(field, "at most %d are allowed", maxEventGroups)
		}
		for i, name := range names {
			if err := validLine(fmt.Sprintf("%s.%d", field, i), name, maxName); err != nil {
				return nil, err
			}
		}
		if len(names) > 0 && e.Dialect != PageSeeder {
			return nil, Invalidf(field, "only events of PageSeeder's catalogue have %s", field)
		}
	}
	if p.IdempotencyKey != "" {
		if err := validLine("idempotencyKey", p.IdempotencyKey, MaxIdempotencyKey); err != nil {
			return nil, err
		}
	}
	if e.Data, err = eventData(e.Dialect, p.Data); err != nil {
		return nil, err
	}
	if p.IdempotencyKey != "" {
		e.BodyHash = p.hash(e)
	}
	return e, nil
}

// catalogueOf finds whose catalogue a type belongs to; given names one.
func catalogueOf(owner Kind, given Dialect, name string) (Dialect, error) {
	dialects := ownerDialects[owner]
	if given != "" {
		if !slices.Contains(dialects, given) {
			return "", Invalidf("dialect", "events of this owner are not of dialect %s", clip(string(given)))
		}
		dialects = []Dialect{given}
	}
	for _, d := range dialects {
		if KnownEventType(d, name) {
			return d, nil
		}
	}
	if given != "" && given != Standard {
		return "", Invalidf("type", "%q is not an event type of dialect %s", clip(name), given)
	}
	return "", Invalidf("type", "%q is not an event type: groups of letters, digits, _ and - joined by full stops", clip(name))
}

func hasScope(name, scope string) bool {
	return slices.ContainsFunc(catalogues[PageSeeder], func(t EventType) bool { return t.Name == name && t.Scope == scope })
}

// eventData checks the data of an event of a dialect.
func eventData(d Dialect, text string) (string, error) {
	if text == "" {
		return "{}", nil
	}
	if len(text) > MaxEventData {
		return "", Invalidf("data", "the data has %d bytes; at most %d are allowed", len(text), MaxEventData)
	}
	if !utf8.ValidString(text) {
		return "", Invalidf("data", "must be UTF-8")
	}
	if err := checkJSON(text); err != nil {
		return "", err
	}
	if d != Standard && !strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") {
		return "", Invalidf("data", "must be a JSON object")
	}
	return text, nil
}

// hash tells one publication from another with the same key. The instant counts
// only if it was given.
func (p *Publication) hash(e *Event) []byte {
	occurred := int64(0)
	if p.OccurredAt != nil {
		occurred = e.OccurredAt.UnixMilli()
	}
	// An empty list is an absent one, and neither the order of members nor white
	// space makes another event.
	var data any
	decoder := json.NewDecoder(strings.NewReader(e.Data))
	decoder.UseNumber()
	_ = decoder.Decode(&data) // it was checked
	text, _ := json.Marshal([]any{e.Type, e.Dialect, append([]string{}, p.Groups...), append([]string{}, p.Projects...), occurred, data})
	sum := sha256.Sum256(text)
	return sum[:]
}

// idempotentKey is the key of an owner's event with an idempotency key.
func idempotentKey(owner, key string) string {
	return hashKey(sha256.Sum256([]byte(owner + "\x00" + key)))
}
