package hook

import "time"

// An APIKey is a credential of a program. Its key is a UUID, which is also the
// applicationId of Entrust's login.
type APIKey struct {
	Meta `bson:",inline"`
	Name string `bson:"name"`
	// SecretHash is the SHA-256 of the secret part of the token.
	SecretHash  Sealed        `bson:"secretHash" audit:"-"`
	Permissions PermissionSet `bson:"permissions"`
	// Member is the member that the key acts as; empty for none.
	Member string `bson:"member"`
	// Owner is the only owner whose webhooks the key reaches, as an id; empty for
	// none.
	Owner string `bson:"owner"`
	// LongLived keys may be sent as applicationId,sharedSecret without a login
	// (Entrust, section 4).
	LongLived bool       `bson:"longLived,omitempty"`
	LastUsed  *time.Time `bson:"lastUsed,omitempty" audit:"-"`
}

// IsNode marks the type as a GraphQL node.
func (*APIKey) IsNode() {}

// GetID implements Entity.
func (k *APIKey) GetID() ID { return ID{KindAPIKey, k.Key} }

// ID returns the id as text.
func (k *APIKey) ID() string { return k.GetID().String() }

// SetIndexed implements Entity.
func (k *APIKey) SetIndexed() {}

// An AuditEntry tells who changed what. It holds no secret.
type AuditEntry struct {
	Meta `bson:",inline"`
	// Who is the viewer's name.
	Who string `bson:"who"`
	// Operation is the name of the operation, such as createWebhook.
	Operation string `bson:"operation"`
	// Node is the id of what was changed; empty if it is no node.
	Node    string        `bson:"node"`
	Changes []AuditChange `bson:"changes,omitempty"`
}

// An AuditChange is one field that an operation changed. Old and New are JSON
// texts, shortened; empty for a value that was absent.
type AuditChange struct {
	Field string `bson:"field"`
	Old   string `bson:"old,omitempty"`
	New   string `bson:"new,omitempty"`
}

// IsNode marks the type as a GraphQL node.
func (*AuditEntry) IsNode() {}

// GetID implements Entity.
func (e *AuditEntry) GetID() ID { return ID{KindAuditEntry, e.Key} }

// ID returns the id as text.
func (e *AuditEntry) ID() string { return e.GetID().String() }

// SetIndexed implements Entity.
func (e *AuditEntry) SetIndexed() {}

// OwnerID returns the owner that the key is bound to, zero for none.
func (k *APIKey) OwnerID() ID {
	if k.Owner == "" {
		return ID{}
	}
	return parseOwner(k.Owner)
}
