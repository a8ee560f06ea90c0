package hook

import (
	"crypto/rand"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// A Kind is the kind of a node: the first part of its id.
type Kind string

// The kinds of nodes. Account is the owner of webhooks that belong to nobody
// else; it is not a node.
const (
	KindAccount    Kind = "Account"
	KindMember     Kind = "Member"
	KindClient     Kind = "Client"
	KindAlbum      Kind = "Album"
	KindWebhook    Kind = "Webhook"
	KindEvent      Kind = "Event"
	KindTrigger    Kind = "Trigger"
	KindAPIKey     Kind = "ApiKey"
	KindAuditEntry Kind = "AuditEntry"
	KindReplay     Kind = "Replay"
)

var nodeKinds = map[Kind]bool{KindMember: true, KindClient: true, KindAlbum: true, KindWebhook: true,
	KindEvent: true, KindTrigger: true, KindAPIKey: true, KindAuditEntry: true, KindReplay: true}

func (k Kind) noun() string {
	switch k {
	case KindAPIKey:
		return "API key"
	case KindAuditEntry:
		return "audit entry"
	}
	return strings.ToLower(string(k))
}

// one is the noun with its article.
func (k Kind) one() string {
	noun := k.noun()
	if strings.ContainsAny(noun[:1], "aeA") {
		return "an " + noun
	}
	return "a " + noun
}

// An ID names a node: its kind and its key, written "Webhook:789".
type ID struct {
	Kind Kind
	Key  string
}

// maxKey is the longest key there is: that of an imported trigger.
const maxKey = 64

// ParseID reads the id of a node. Its error is INVALID and shows at most the
// start of the text.
func ParseID(text string) (ID, error) {
	kind, key, found := strings.Cut(text, ":")
	id := ID{Kind(kind), key}
	if !found || !nodeKinds[id.Kind] || !validKey(key) {
		return ID{}, Invalidf("id", "%q is not an id: expected a kind and a key, like Webhook:789", clip(text))
	}
	return id, nil
}

// ParseKey reads an argument whose kind is clear: the node's id or its bare
// key. An id of another kind is INVALID under the field's name.
func ParseKey(kind Kind, field, text string) (string, error) {
	if !strings.Contains(text, ":") {
		if !validKey(text) {
			return "", Invalidf(field, "%q is not the id or key of %s", clip(text), kind.one())
		}
		return text, nil
	}
	id, err := ParseID(text)
	if err != nil {
		return "", Invalidf(field, "%q is not the id or key of %s", clip(text), kind.one())
	}
	if id.Kind != kind {
		return "", Invalidf(field, "%s is the id of %s, not of %s", id, id.Kind.one(), kind.one())
	}
	return id.Key, nil
}

func (id ID) String() string {
	if id.Kind == KindAccount {
		return string(KindAccount)
	}
	return string(id.Kind) + ":" + id.Key
}

// IsZero reports whether the id names nothing.
func (id ID) IsZero() bool { return id.Kind == "" }

func validKey(key string) bool {
	if key == "" || len(key) > maxKey {
		return false
	}
	for i := range len(key) {
		c := key[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return false
		}
	}
	return true
}

const (
	albumKeyLength   = 10
	webhookKeyLength = 20
	triggerKeyLength = 30
	timeDigits       = 8
	orderDigits      = timeDigits + 4
	alphanumerics    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)

// newKey returns n random characters of [A-Za-z0-9], the form that Kheops'
// clients expect of album, webhook and trigger ids.
func newKey(n int) string {
	key := make([]byte, 0, n)
	var random [64]byte
	for {
		rand.Read(random[:])
		for _, b := range random {
			// 62 * 4 = 248: larger bytes would favour the first characters.
			if b < 248 {
				key = append(key, alphanumerics[b%62])
				if len(key) == n {
					return string(key)
				}
			}
		}
	}
}

// TimeKey returns the key of a new event or trigger: triggerKeyLength characters
// of [A-Za-z0-9], of which the first eight are the instant and the next four
// count. Keys of later instants sort later, so a database appends them to its
// indexes instead of writing all over them, and those that one process makes
// sort in the order in which it made them.
func TimeKey(at time.Time) string {
	return timeOrder(at) + newKey(triggerKeyLength-orderDigits)
}

// timeOrder is the part of a key that orders it.
func timeOrder(at time.Time) string {
	var order [orderDigits]byte
	sortableDigits(order[:timeDigits], uint64(max(at.UnixMilli(), 0)))
	sortableDigits(order[timeDigits:], keysMade.Add(1))
	return string(order[:])
}

// keysMade counts the keys of this process.
var keysMade atomic.Uint64

// sortableDigits writes the last digits of a number, so that those of larger
// numbers sort later.
func sortableDigits(to []byte, n uint64) {
	const sortable = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for i := len(to) - 1; i >= 0; i, n = i-1, n/uint64(len(sortable)) {
		to[i] = sortable[n%uint64(len(sortable))]
	}
}

func newUUID() string { return uuid.NewString() }

func clip(text string) string {
	const most = 64
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
