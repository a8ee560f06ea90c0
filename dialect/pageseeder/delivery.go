package pageseeder

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/hookgraph/hookgraph/hook"
)

// elementNames are those of objects whose element is not called like the object
// part of the type.
var elementNames = map[string]string{"groupproperties": "properties"}

// minimal are the members of the minimal form of each element (section 7).
var minimal = map[string][]string{
	"comment": {"id"}, "membership": {"id"}, "task": {"id"}, "workflow": {"id"}, "publication": {"id"}, "server": {"id"},
	"uri": {"id", "path", "docid"}, "member": {"id", "username", "email"}, "groupfolder": {"id", "path"},
	"group": {"id", "name"}, "project": {"id", "name"}, "webhook": {"id", "name"}, "properties": nil,
}

// newWebevent reads an event of PageSeeder's catalogue for a webhook. The data of
// an event is what the JSON form shows beside id, datetime and type: "event" with
// the groups, each with id and name, and the object under the name of its
// element; or just the members of the object. A minimal webhook gets the members
// of the minimal form only. An error names what is wrong with the data.
func newWebevent(w *hook.Webhook, from *hook.Event) (*webevent, error) {
	all, err := membersOf(json.RawMessage(from.Data))
	if err != nil {
		return nil, err
	}
	if from.Type == typePing {
		return newPing(w, from.OccurredAt, counter(from)), nil
	}
	name, action, _ := strings.Cut(from.Type, ".")
	if special := elementNames[name]; special != "" {
		name = special
	}
	event := &webevent{at: from.OccurredAt, kind: from.Type, objectName: name}
	object := &published{}
	for _, v := range all {
		switch v.name {
		case "event":
			if event.groups, err = groupsOf(v.raw); err != nil {
				return nil, err
			}
		default:
			object.members = append(object.members, v)
		}
	}
	// The object can stand under its name or by itself.
	if own, found := find(object.members, name); found && own.isObject() {
		if object.members, err = membersOf(own.raw); err != nil {
			return nil, err
		}
	}
	if event.groups == nil {
		for _, group := range from.Groups {
			event.groups = append(event.groups, &reference{name: group})
		}
	}
	event.id = "0"
	if id, found := find(object.members, "id"); found && id.isScalar() {
		event.id = id.text()
	}
	event.id += "." + counter(from)
	if w.Detail == hook.DetailMinimal || action == "deleted" {
		object.members = only(object.members, minimal[name])
	}
	event.object = object
	return event, nil
}

// counter is the part of an event's id behind the full stop: nanoseconds, of
// which those that instants are stored without come from the event's key.
func counter(e *hook.Event) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(e.Key))
	return fmt.Sprint(e.OccurredAt.UnixMilli()*1_000_000 + int64(h.Sum32()%1_000_000))
}

func groupsOf(raw json.RawMessage) ([]element, error) {
	var groups []json.RawMessage
	if err := json.Unmarshal(raw, &groups); err != nil {
		return nil, hook.Invalidf("data.event", "must be an array of groups")
	}
	shown := make([]element, len(groups))
	for i, group := range groups {
		members, err := membersOf(group)
		if err != nil {
			return nil, hook.Invalidf("data.event", "must be an array of groups")
		}
		shown[i] = &published{members: only(members, minimal["group"])}
	}
	return shown, nil
}
