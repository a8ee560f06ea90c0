package gateway

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// An eventForm is what the media type says of a body.
type eventForm int

const (
	// anyEvents: events in the gateway's own form or CloudEvents, one or many.
	anyEvents eventForm = iota
	oneCloudEvent
	cloudEventBatch
)

// A submission is what the body of POST /events holds.
type submission struct {
	publications []hook.Publication
	// cloud tells which of them are CloudEvents.
	cloud []bool
	// list: the body is an array, and the answer will be one.
	list bool
}

// readSubmission reads the body of POST /events.
func readSubmission(body string, form eventForm) (*submission, error) {
	s, in := &scanner{text: body}, &submission{}
	var err error
	switch c := s.peek(); {
	case c == '[' && form != oneCloudEvent:
		in.list = true
		err = s.array(func(i int) error {
			if i == hook.MaxPublications {
				return hook.Invalidf("", "at most %d events are published at once", hook.MaxPublications)
			}
			return in.read(s, strconv.Itoa(i), form)
		})
	case c == '{' && form != cloudEventBatch:
		err = in.read(s, "", form)
	default:
		err = s.unexpected([...]string{"an event or an array of events", "an event", "an array of events"}[form])
	}
	if err == nil {
		err = s.end()
	}
	return in, err
}

// read reads one event; at is its position in an array.
func (in *submission) read(s *scanner, at string, form eventForm) error {
	if s.place = at; s.peek() != '{' {
		return s.unexpected("an event")
	}
	d := draft{at: at}
	err := s.object(func(name string) error {
		s.member = name
		text, err := s.value()
		if err == nil && text != "null" {
			d.put(name, text)
		}
		s.member = ""
		return err
	})
	if err != nil {
		return err
	}
	isCloud := form != anyEvents || d.specversion != ""
	var p hook.Publication
	if isCloud {
		p, err = d.cloudEvent()
	} else {
		p, err = d.ownEvent()
	}
	// A short text would keep all of the body in memory.
	if len(s.text) > len(p.Data)+keptBody {
		p.Data = strings.Clone(p.Data)
	}
	in.publications, in.cloud = append(in.publications, p), append(in.cloud, isCloud)
	return err
}

// keptBody is how much of a body may stay in memory with the data of an event.
const keptBody = 4 << 10

// A draft is an event as the texts of its members; empty for those that are
// absent or null.
type draft struct {
	at string

	eventType, owner, groups, projects, data string
	dialect, occurredAt, idempotencyKey      string // of the own form

	specversion, id, source, time, subject, dataschema, datacontenttype, dataBase64 string // of CloudEvents

	// foreign is the first member that the own form lacks.
	foreign string
}

func (d *draft) put(name, text string) {
	switch name {
	case "type":
		d.eventType = text
	case "owner":
		d.owner = text
	case "groups":
		d.groups = text
	case "projects":
		d.projects = text
	case "data":
		d.data = text
	case "dialect":
		d.dialect = text
	case "occurredAt":
		d.occurredAt = text
	case "idempotencyKey":
		d.idempotencyKey = text
	default:
		if d.foreign == "" {
			d.foreign = name
		}
		d.putCloud(name, text)
	}
}

// ownEvent reads the gateway's own form.
func (d *draft) ownEvent() (p hook.Publication, err error) {
	if d.foreign != "" {
		return p, hook.Invalidf(within(d.at, clip(d.foreign)),
			"is not a member of an event: there are type, owner, dialect, groups, projects, data, occurredAt and idempotencyKey")
	}
	p.Data = d.data
	r := reader{draft: d}
	p.Type = r.text("type", d.eventType)
	p.Owner = r.owner(d.owner)
	p.Dialect = hook.Dialect(r.text("dialect", d.dialect))
	p.Groups, p.Projects = r.texts("groups", d.groups), r.texts("projects", d.projects)
	p.OccurredAt = r.instant("occurredAt", d.occurredAt)
	p.IdempotencyKey = r.text("idempotencyKey", d.idempotencyKey)
	if d.eventType == "" {
		r.fail("type", "is missing")
	}
	return p, r.err
}

// A reader turns the texts of members into values. The first that is wrong is
// the error; asking goes on, with zero values.
type reader struct {
	*draft
	err error
}

func (r *reader) fail(name, format string, args ...any) {
	if r.err == nil {
		r.err = hook.Invalidf(within(r.at, name), format, args...)
	}
}

// text is a string. The scanner has seen that it is one, if it begins like one.
func (r *reader) text(name, json string) string {
	if json == "" {
		return ""
	}
	text, ok := unquote(json)
	switch {
	case !ok:
		r.fail(name, "must be a string")
	case text == "":
		r.fail(name, "must not be empty")
	}
	return text
}

func unquote(text string) (string, bool) {
	if text == "" || text[0] != '"' {
		return "", false
	}
	if strings.IndexByte(text, '\\') < 0 {
		return text[1 : len(text)-1], true
	}
	var s string
	return s, json.Unmarshal([]byte(text), &s) == nil
}

func (r *reader) texts(name, json string) (list []string) {
	if json == "" {
		return nil
	}
	s := scanner{text: json}
	if json[0] != '[' {
		r.fail(name, "must be an array of strings")
		return nil
	}
	_ = s.array(func(i int) error {
		text, _ := s.value()
		element, ok := unquote(text)
		if !ok {
			r.fail(name+"."+strconv.Itoa(i), "must be a string")
		}
		list = append(list, element)
		return nil
	})
	return list
}

// owner is the id of an owner; absent is the account.
func (r *reader) owner(json string) hook.ID {
	text := r.text("owner", json)
	if text == "" || text == string(hook.KindAccount) {
		return hook.ID{Kind: hook.KindAccount}
	}
	id, err := hook.ParseID(text)
	if err != nil || id.Kind != hook.KindClient && id.Kind != hook.KindAlbum {
		r.fail("owner", "%q is not an owner: expected Client: or Album: and a key, or Account", clip(text))
	}
	return id
}

// instant is an RFC 3339 instant. Go's parser takes more: hours of one digit, and
// a comma before the fraction.
func (r *reader) instant(name, json string) *time.Time {
	text := r.text(name, json)
	if text == "" {
		return nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || text[13] != ':' || strings.IndexByte(text, ',') >= 0 {
		r.fail(name, "must be an RFC 3339 instant, like 2026-01-31T12:00:00Z")
	}
	return &at
}
