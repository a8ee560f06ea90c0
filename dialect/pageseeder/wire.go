package pageseeder

import "time"

// The elements of the API. What fields says is the contract: the names as they
// are in XML (JSON has camelCase), the order, and which are there when nothing
// is set (sections 3.1 to 3.3). Dates are the zero time where unknown.

type webhook struct {
	id                int64
	created, modified time.Time
	url               string
	server            bool
	object, format    string
	insecureSSL       bool
	status, name      string
	// activateSecret is shown once, in the answer to a creation.
	activateSecret string
	// The lists are joined by commas, in JSON too.
	projects, groups, events string
	client                   client
}

func (w *webhook) fields(f fields) {
	f.id("id", &w.id)
	f.date("created", &w.created, always)
	f.date("modified", &w.modified, always)
	f.text("url", &w.url, required)
	f.flag("server", &w.server, always)
	f.text("object", &w.object, always)
	f.text("format", &w.format, always)
	f.flag("insecuressl", &w.insecureSSL, always)
	f.text("status", &w.status, required)
	f.text("name", &w.name, optional)
	f.text("activatesecret", &w.activateSecret, optional)
	f.text("projects", &w.projects, optional)
	f.text("groups", &w.groups, optional)
	f.text("events", &w.events, optional)
	f.object("client", &w.client, required)
}

// A client shows no webhook-secret, though the element may have one: secrets
// are not readable again.
type client struct {
	id                              int64
	identifier                      string
	requiresConsent, confidential   bool
	name, grantType                 string
	created, modified, lastToken    time.Time
	app, redirectURI, description   string
	clientURI, scope                string
	accessTokenAge, refreshTokenAge int64
	member                          member
	encoded                         []byte
}

func (c *client) kept() *[]byte { return &c.encoded }

func (c *client) fields(f fields) {
	f.id("id", &c.id)
	f.text("identifier", &c.identifier, required)
	f.flag("requires-consent", &c.requiresConsent, always)
	f.flag("confidential", &c.confidential, always)
	f.text("name", &c.name, required)
	f.text("grant-type", &c.grantType, required)
	f.date("created", &c.created, optional)
	f.date("modified", &c.modified, optional)
	f.date("last-token", &c.lastToken, optional)
	f.text("app", &c.app, optional)
	f.text("redirect-uri", &c.redirectURI, optional)
	f.text("description", &c.description, optional)
	f.text("client-uri", &c.clientURI, optional)
	f.text("scope", &c.scope, optional)
	f.number("access-token-max-age", &c.accessTokenAge, always)
	f.number("refresh-token-max-age", &c.refreshTokenAge, always)
	f.object("member", &c.member, optional)
}

type member struct {
	id                      int64
	firstName, surname      string
	username, email, status string
	externalID              string
	locked, onVacation      bool
	fullName                string
}

func (m *member) fields(f fields) {
	f.id("id", &m.id)
	f.text("firstname", &m.firstName, always)
	f.text("surname", &m.surname, always)
	f.text("username", &m.username, required)
	f.text("email", &m.email, optional)
	f.text("status", &m.status, required)
	f.text("externalid", &m.externalID, optional)
	f.flag("locked", &m.locked, optional)
	f.flag("onvacation", &m.onVacation, optional)
	f.content("fullname", &m.fullName, always)
}

// A wrapping is the answer to a change: an element around what was changed. For
// a new client it carries the secret (sections 2.3, 2.4, 2.8).
type wrapping struct {
	secret string
	name   string
	value  element
}

func (w *wrapping) fields(f fields) {
	f.text("secret", &w.secret, optional)
	f.object(w.name, w.value, required)
}

// An emptiness has a name in XML and nothing else.
type emptiness struct{}

func (emptiness) fields(fields) {}
func (emptiness) absent() bool  { return false }

func (*wrapping) absent() bool { return false }
func (*webhook) absent() bool  { return false }
func (*client) absent() bool   { return false }
func (m *member) absent() bool { return m.id == 0 }
