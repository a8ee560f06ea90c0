package hook

import (
	"slices"
	"strings"
	"time"
)

// A Webhook is a URL to which events are delivered, in the form of a dialect.
type Webhook struct {
	Meta    `bson:",inline"`
	Place   `bson:",inline"`
	Dialect Dialect `bson:"dialect"`
	// Owner is the id of the client or album that the webhook belongs to, or
	// "Account".
	Owner string `bson:"owner"`
	// Number is the key of a PageSeeder webhook as a number; 0 for others.
	Number int64  `bson:"number"`
	Name   string `bson:"name,omitempty"`
	// URL is kept exactly as given.
	URL string `bson:"url"`
	// Subscriptions are in the order given; none receives nothing.
	Subscriptions []Subscription `bson:"subscriptions,omitempty"`
	// Enabled is the owner's will; Health is what delivery found.
	Enabled      bool   `bson:"enabled"`
	Health       Health `bson:"health"`
	HealthReason string `bson:"healthReason,omitempty"`
	// ExpiresAt ends the webhook: from then on it counts as disabled.
	ExpiresAt   *time.Time  `bson:"expiresAt,omitempty"`
	Secret      Sealed      `bson:"secret,omitempty"`
	SecretState SecretState `bson:"secretState"`
	// PreviousSecret signs beside Secret until PreviousSecretUntil.
	PreviousSecret      Sealed     `bson:"previousSecret,omitempty"`
	PreviousSecretUntil *time.Time `bson:"previousSecretUntil,omitempty"`
	// Handshake is what the receiver of a PageSeeder webhook must send back to a
	// ping. It signs nothing.
	Handshake Sealed        `bson:"handshake,omitempty" audit:"-"`
	Format    PayloadFormat `bson:"format"`
	Detail    PayloadDetail `bson:"detail"`
	// VerifyTLS is false if any certificate of the receiver is accepted.
	VerifyTLS bool `bson:"verifyTls"`
	// ServerEvents are delivered too (PageSeeder).
	ServerEvents bool `bson:"serverEvents,omitempty"`
	// Projects and Groups limit the events (PageSeeder); both empty stand for
	// everywhere.
	Projects []string `bson:"projects,omitempty"`
	Groups   []string `bson:"groups,omitempty"`
	// Headers are sent with each delivery. Their values may be secrets and are
	// stored like them.
	Headers     []Header     `bson:"headers,omitempty"`
	RetryPolicy *RetryPolicy `bson:"retryPolicy,omitempty"`
	CreatedBy   string       `bson:"createdBy,omitempty" audit:"-"`
	// Modified is the last change by somebody; changes of the health by the
	// gateway do not touch it.
	Modified   time.Time `bson:"modified" audit:"-"`
	ModifiedBy string    `bson:"modifiedBy,omitempty" audit:"-"`
	Source     string    `bson:"source,omitempty" audit:"-"`

	NameKey string `bson:"nameKey" audit:"-"`
	// List is the dialect and the owner: the list that the dialect's API shows.
	List string `bson:"list" audit:"-"`
	// Routes are the owner of the events and the pattern of each subscription, by
	// which events find the webhook.
	Routes []string `bson:"routes" audit:"-"`
	// Slot is the slot of an active Entrust webhook, else the key.
	Slot string `bson:"slot" audit:"-"`
}

// A Dialect is an API whose webhooks a webhook is one of: it decides the form of
// keys, the event types, the payload and the signature.
type Dialect string

// The dialects.
const (
	PageSeeder Dialect = "PAGESEEDER"
	Entrust    Dialect = "ENTRUST"
	Kheops     Dialect = "KHEOPS"
	Standard   Dialect = "STANDARD"
)

// Dialects lists the dialects.
var Dialects = []Dialect{PageSeeder, Entrust, Kheops, Standard}

// Health is what delivery found out about a webhook.
type Health string

// The health of webhooks. PENDING waits for its first good ping.
const (
	HealthPending     Health = "PENDING"
	HealthActive      Health = "ACTIVE"
	HealthWarning     Health = "WARNING"
	HealthError       Health = "ERROR"
	HealthUnreachable Health = "UNREACHABLE"
)

// SecretState tells whether the secret of a webhook is known.
type SecretState string

// The states of secrets. An imported webhook has a secret that the import could
// not read.
const (
	SecretNone    SecretState = "NONE"
	SecretSet     SecretState = "SET"
	SecretUnknown SecretState = "UNKNOWN"
)

// PayloadFormat is the media type of what is delivered.
type PayloadFormat string

// The formats.
const (
	FormatJSON PayloadFormat = "JSON"
	FormatXML  PayloadFormat = "XML"
)

// PayloadDetail is how much of an object PageSeeder's payload shows.
type PayloadDetail string

// The details.
const (
	DetailMinimal PayloadDetail = "MINIMAL"
	DetailBasic   PayloadDetail = "BASIC"
)

// A Subscription asks for events whose type fits the pattern: an event type,
// "object.*", or "*".
type Subscription struct {
	ID      string `bson:"id"`
	Pattern string `bson:"pattern"`
	// Filter is Entrust's JSON text; kept as given.
	Filter string `bson:"filter,omitempty"`
}

// A Header is a request header of a webhook's own.
type Header struct {
	Name  string `bson:"name"`
	Value Sealed `bson:"value"`
}

// A RetryPolicy overrides that of the dialect; absent members keep it.
type RetryPolicy struct {
	// Delays before the second and further attempts, in seconds.
	Delays []int32 `bson:"delays,omitempty"`
	// Timeout of one attempt, in seconds.
	Timeout int32 `bson:"timeout,omitempty"`
	// Concurrency is how many deliveries may be under way at once.
	Concurrency int32 `bson:"concurrency,omitempty"`
	// RatePerSecond limits deliveries started per second.
	RatePerSecond int32 `bson:"ratePerSecond,omitempty"`
	// Ordered delivers one event after the other.
	Ordered bool `bson:"ordered,omitempty"`
}

// AccountOwner is the owner of webhooks that belong to the account.
const AccountOwner = string(KindAccount)

// IsNode marks the type as a GraphQL node.
func (*Webhook) IsNode() {}

// GetID implements Entity.
func (w *Webhook) GetID() ID { return ID{KindWebhook, w.Key} }

// ID returns the id as text.
func (w *Webhook) ID() string { return w.GetID().String() }

// SetIndexed implements Entity.
func (w *Webhook) SetIndexed() {
	w.NameKey = fold(w.Name)
	w.setSlot()
	w.List = WebhookList(w.Dialect, w.Owner)
	w.Routes = make([]string, 0, len(w.Subscriptions))
	for _, s := range w.Subscriptions {
		route := w.routeOwner() + " " + s.Pattern
		if !slices.Contains(w.Routes, route) {
			w.Routes = append(w.Routes, route)
		}
	}
}

// routeOwner returns whose events the webhook is told. PageSeeder webhooks belong
// to clients and are told what happens anywhere (PageSeeder, section 5).
func (w *Webhook) routeOwner() string {
	if w.Dialect == PageSeeder {
		return AccountOwner
	}
	return w.Owner
}

// WebhookList names the webhooks of an owner in a dialect.
func WebhookList(d Dialect, owner string) string { return string(d) + " " + owner }

// OwnerID returns the owner as an id; its kind is KindAccount for the account.
func (w *Webhook) OwnerID() ID { return parseOwner(w.Owner) }

func parseOwner(owner string) ID {
	kind, key, _ := strings.Cut(owner, ":")
	return ID{Kind(kind), key}
}

// ClientKey returns the key of the client that owns the webhook, or "".
func (w *Webhook) ClientKey() string { return w.ownerKey(KindClient) }

// AlbumKey returns the key of the album that owns the webhook, or "".
func (w *Webhook) AlbumKey() string { return w.ownerKey(KindAlbum) }

func (w *Webhook) ownerKey(kind Kind) string {
	if id := w.OwnerID(); id.Kind == kind {
		return id.Key
	}
	return ""
}

// Expired reports whether the expiry date has passed.
func (w *Webhook) Expired() bool { return w.ExpiresAt != nil && !w.ExpiresAt.After(time.Now()) }

// Active reports whether the webhook receives events: enabled and not expired.
func (w *Webhook) Active() bool { return w.Enabled && !w.Expired() }

// UsesSecret reports whether deliveries are signed.
func (w *Webhook) UsesSecret() bool { return w.SecretState != SecretNone }

// HeaderNames returns the names of the webhook's own headers. The values are
// never shown.
func (w *Webhook) HeaderNames() []string {
	names := make([]string, len(w.Headers))
	for i, h := range w.Headers {
		names[i] = h.Name
	}
	return names
}

// IsOwner marks clients as owners of webhooks and events.
func (*Client) IsOwner() {}

// IsOwner marks albums as owners of webhooks and events.
func (*Album) IsOwner() {}
