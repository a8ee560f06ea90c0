package pageseeder

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// The values of the enumerations (section 6).
var (
	healths = []hook.Health{hook.HealthPending, hook.HealthActive, hook.HealthWarning, hook.HealthError, hook.HealthUnreachable}
	details = []hook.PayloadDetail{hook.DetailMinimal, hook.DetailBasic}
	formats = []hook.PayloadFormat{hook.FormatXML, hook.FormatJSON}
	grants  = []hook.GrantType{hook.GrantAuthorizationCode, hook.GrantImplicit, hook.GrantPassword, hook.GrantClientCredentials}
	states  = []hook.MemberStatus{hook.MemberActivated, hook.MemberUnactivated, hook.MemberSetPassword, hook.MemberDisabled}
)

// record fills in what the element of a webhook tells. An error names the field
// as JSON calls it.
func (w *webhook) record(record *hook.Record) error {
	found, err := w.domain()
	if err != nil {
		return err
	}
	record.Client, record.Member, err = w.client.domain("client.")
	if err != nil {
		return err
	}
	record.Webhook = found
	return nil
}

func (w *webhook) domain() (to *hook.Webhook, err error) {
	to = &hook.Webhook{
		Meta: hook.Meta{Key: key(w.id), Created: w.created}, Dialect: hook.PageSeeder, Number: w.id,
		Name: w.name, URL: w.url, Enabled: true, Health: hook.HealthActive, SecretState: hook.SecretNone,
		VerifyTLS: !w.insecureSSL, ServerEvents: w.server,
		Projects: splitList(w.projects), Groups: splitList(w.groups), Modified: w.modified,
		Subscriptions: subscriptions(splitList(w.events)),
	}
	if w.status == statusDisabled {
		// The health that it had is not told.
		to.Enabled = false
	} else if to.Health, err = oneOf("status", w.status, healths); err != nil {
		return nil, err
	}
	if to.Detail, err = oneOf("object", firstOf(w.object, "minimal"), details); err != nil {
		return nil, err
	}
	if to.Format, err = oneOf("format", firstOf(w.format, "xml"), formats); err != nil {
		return nil, err
	}
	return to, nil
}

func (c *client) domain(path string) (*hook.Client, *hook.Member, error) {
	grant, err := oneOf(path+"grantType", c.grantType, grants)
	if err != nil {
		return nil, nil, err
	}
	to := &hook.Client{
		Meta: hook.Meta{Key: key(c.id), Created: c.created}, Number: c.id, Identifier: c.identifier, Name: c.name, GrantType: grant,
		RequiresConsent: c.requiresConsent, Confidential: c.confidential, Description: c.description,
		ClientURI: c.clientURI, RedirectURI: c.redirectURI, Scope: c.scope, App: c.app,
		AccessTokenMaxAge: c.accessTokenAge, RefreshTokenMaxAge: c.refreshTokenAge,
		Modified: unlessZero(c.modified), LastToken: unlessZero(c.lastToken),
	}
	if c.member.absent() {
		return to, nil, nil
	}
	owner, err := c.member.domain(path + "member.")
	if err != nil {
		return nil, nil, err
	}
	to.Member = owner.Key
	return to, owner, nil
}

func (m *member) domain(path string) (*hook.Member, error) {
	status, err := oneOf(path+"status", m.status, states)
	if err != nil {
		return nil, err
	}
	return &hook.Member{
		Meta: hook.Meta{Key: key(m.id)}, Number: m.id, Username: m.username, Email: m.email,
		FirstName: m.firstName, Surname: m.surname, FullName: firstOf(m.fullName, fullName(m.firstName, m.surname)),
		Status: status, ExternalID: m.externalID, Locked: m.locked, OnVacation: m.onVacation,
	}, nil
}

// key is the key of an entity that has a number for an id.
func key(number int64) string { return strconv.FormatInt(number, 10) }

// oneOf returns the value that a text names. Case and hyphens do not count:
// programs in the field write them in several ways (section 6.4).
func oneOf[T ~string](field, text string, values []T) (T, error) {
	value := T(strings.ReplaceAll(strings.ToUpper(text), "-", "_"))
	if !slices.Contains(values, value) {
		return "", hook.Invalidf(field, "%.64q is not known here", text)
	}
	return value, nil
}

// splitList reads a comma list. Blanks around entries and empty entries do not
// count.
func splitList(text string) []string {
	var list []string
	for entry := range strings.SplitSeq(text, ",") {
		if entry = strings.TrimSpace(entry); entry != "" {
			list = append(list, entry)
		}
	}
	return list
}

// subscriptions reads the list of events; none stands for every event (section
// 5). The API has no ids for subscriptions: their places serve.
func subscriptions(patterns []string) []hook.Subscription {
	if len(patterns) == 0 {
		patterns = []string{hook.PatternAny}
	}
	list := make([]hook.Subscription, len(patterns))
	for i, pattern := range patterns {
		list[i] = hook.Subscription{ID: strconv.Itoa(i + 1), Pattern: pattern}
	}
	return list
}

func unlessZero(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
