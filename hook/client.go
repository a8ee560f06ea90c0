package hook

import (
	"crypto/rand"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Client is an OAuth client in PageSeeder's sense: an application of a member
// that owns webhooks.
type Client struct {
	Meta `bson:",inline"`
	// Number is PageSeeder's internal id, and the key as a number.
	Number int64 `bson:"number"`
	// Identifier is the OAuth client id: 16 lower-case hex digits, unique.
	Identifier      string    `bson:"identifier"`
	Name            string    `bson:"name"`
	GrantType       GrantType `bson:"grantType"`
	RequiresConsent bool      `bson:"requiresConsent,omitempty"`
	Confidential    bool      `bson:"confidential,omitempty"`
	Description     string    `bson:"description,omitempty"`
	ClientURI       string    `bson:"clientUri,omitempty"`
	RedirectURI     string    `bson:"redirectUri,omitempty"`
	Scope           string    `bson:"scope,omitempty"`
	App             string    `bson:"app,omitempty"`
	// AccessTokenMaxAge and RefreshTokenMaxAge are in seconds.
	AccessTokenMaxAge  int64 `bson:"accessTokenMaxAge"`
	RefreshTokenMaxAge int64 `bson:"refreshTokenMaxAge"`
	// CreatedUnknown: an imported client did not tell when it was created;
	// Created is the instant of the import then.
	CreatedUnknown bool       `bson:"createdUnknown,omitempty" audit:"-"`
	Modified       *time.Time `bson:"modified,omitempty" audit:"-"`
	LastToken      *time.Time `bson:"lastToken,omitempty"`
	// WebhookSecret signs the deliveries of the client's PageSeeder webhooks.
	WebhookSecret Sealed `bson:"webhookSecret,omitempty"`
	// SecretHash is the SHA-256 of the OAuth client secret.
	SecretHash Sealed `bson:"secretHash,omitempty"`
	// Granted are the permissions of whoever set the secret: tokens that are got
	// with it grant no more.
	Granted PermissionSet `bson:"granted,omitempty" audit:"-"`
	// Member is the key of the member who owns the client; empty if unknown.
	Member string `bson:"member"`
	Source string `bson:"source,omitempty" audit:"-"`

	NameKey string `bson:"nameKey" audit:"-"`
}

// GrantType is the OAuth grant of a client; it has exactly one (PageSeeder,
// section 6.4).
type GrantType string

// The grant types.
const (
	GrantAuthorizationCode GrantType = "AUTHORIZATION_CODE"
	GrantImplicit          GrantType = "IMPLICIT"
	GrantPassword          GrantType = "PASSWORD"
	GrantClientCredentials GrantType = "CLIENT_CREDENTIALS"
)

// IsNode marks the type as a GraphQL node.
func (*Client) IsNode() {}

// GetID implements Entity.
func (c *Client) GetID() ID { return ID{KindClient, c.Key} }

// ID returns the id as text.
func (c *Client) ID() string { return c.GetID().String() }

// SetIndexed implements Entity.
func (c *Client) SetIndexed() { c.NameKey = fold(c.Name) }

// CreatedAt returns when the client was created, nil if that is unknown.
func (c *Client) CreatedAt() *time.Time {
	if c.CreatedUnknown {
		return nil
	}
	return &c.Created
}

// HasWebhookSecret reports whether PageSeeder deliveries can be signed.
func (c *Client) HasWebhookSecret() bool { return len(c.WebhookSecret) > 0 }

const (
	maxName        = 255
	maxDescription = 2048
	maxURL         = 2048
	// maxTokenAge is 68 years in seconds: what an integer of GraphQL holds.
	maxTokenAge = 1<<31 - 1
)

func (c *Client) validate() error {
	if c.Number < 1 || c.Key != numberKey(c.Number) {
		return Invalidf("id", "%q is not the id of a client: a positive number", clip(c.Key))
	}
	if len(c.Identifier) != 16 || strings.Trim(c.Identifier, "0123456789abcdef") != "" {
		return Invalidf("identifier", "must be 16 lower-case hex digits")
	}
	if err := validLine("name", c.Name, maxName); err != nil {
		return err
	}
	if err := validText("description", c.Description, maxDescription); err != nil {
		return err
	}
	if err := optionalLine("app", c.App, maxName); err != nil {
		return err
	}
	if err := optionalLine("scope", c.Scope, maxName); err != nil {
		return err
	}
	switch c.GrantType {
	case GrantAuthorizationCode, GrantImplicit, GrantPassword, GrantClientCredentials:
	default:
		return Invalidf("grantType", "%q is not a grant type", clip(string(c.GrantType)))
	}
	for field, t := range map[string]*time.Time{"created": &c.Created, "modified": c.Modified, "lastToken": c.LastToken} {
		if err := validInstant(field, t); err != nil {
			return err
		}
	}
	for _, f := range []struct{ name, value string }{{"clientUri", c.ClientURI}, {"redirectUri", c.RedirectURI}} {
		if f.value == "" {
			continue
		}
		if err := validLine(f.name, f.value, maxURL); err != nil {
			return err
		}
		u, err := url.Parse(f.value)
		if err != nil || u.Scheme == "" || u.User != nil {
			return Invalidf(f.name, "must be an absolute URL without credentials")
		}
		// Pages show them as links.
		if slices.Contains([]string{"javascript", "data", "vbscript"}, u.Scheme) {
			return Invalidf(f.name, "must not have the scheme %s", u.Scheme)
		}
	}
	for _, f := range []struct {
		name string
		age  int64
	}{{"accessTokenMaxAge", c.AccessTokenMaxAge}, {"refreshTokenMaxAge", c.RefreshTokenMaxAge}} {
		if f.age < 0 || f.age > maxTokenAge {
			return Invalidf(f.name, "must be between 0 and %d seconds", int64(maxTokenAge))
		}
	}
	return nil
}

func newIdentifier() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}
