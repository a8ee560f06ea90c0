package pageseeder

import (
	"slices"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// statusDisabled is the status of a webhook that is not active, whatever its
// health; the other statuses are the health in lower case (section 6.1).
const statusDisabled = "disabled"

// set makes the element of a webhook, all but its client.
func (w *webhook) set(from *hook.Webhook) {
	w.id = from.Number
	w.created, w.modified = from.Created, from.Modified
	w.url = from.URL
	w.server = from.ServerEvents
	w.object = strings.ToLower(string(from.Detail))
	w.format = strings.ToLower(string(from.Format))
	w.insecureSSL = !from.VerifyTLS
	w.status = statusDisabled
	if from.Active() {
		w.status = strings.ToLower(string(from.Health))
	}
	w.name = from.Name
	w.projects = strings.Join(from.Projects, ",")
	w.groups = strings.Join(from.Groups, ",")
	w.events = eventList(from.Subscriptions)
}

// eventList joins the patterns. A webhook that receives everything shows no
// list: "*" is no entry that the API knows (section 5).
func eventList(subscriptions []hook.Subscription) string {
	patterns := make([]string, len(subscriptions))
	for i, s := range subscriptions {
		patterns[i] = s.Pattern
	}
	if slices.Contains(patterns, hook.PatternAny) {
		return ""
	}
	return strings.Join(patterns, ",")
}

// set makes the element of a client. owner is its member, nil if unknown.
func (c *client) set(from *hook.Client, owner *hook.Member) {
	*c = client{
		id: from.Number, identifier: from.Identifier,
		requiresConsent: from.RequiresConsent, confidential: from.Confidential,
		name: from.Name, grantType: strings.ToLower(string(from.GrantType)),
		created: known(from.CreatedAt()), modified: known(from.Modified), lastToken: known(from.LastToken),
		app: from.App, redirectURI: from.RedirectURI, description: from.Description,
		clientURI: from.ClientURI, scope: from.Scope,
		accessTokenAge: from.AccessTokenMaxAge, refreshTokenAge: from.RefreshTokenMaxAge,
	}
	if owner != nil {
		c.member.set(owner)
	}
}

// set makes the element of a member. Username and full name are always shown:
// the email stands in for a username (section 3.2), and for members who signed
// in from elsewhere the subject does.
func (m *member) set(from *hook.Member) {
	*m = member{
		id: from.Number, firstName: from.FirstName, surname: from.Surname,
		username: firstOf(from.Username, from.Email, from.Sub), email: from.Email,
		status:     strings.ReplaceAll(strings.ToLower(string(from.Status)), "_", "-"),
		externalID: from.ExternalID, locked: from.Locked, onVacation: from.OnVacation,
		fullName: firstOf(from.FullName, fullName(from.FirstName, from.Surname)),
	}
}

func fullName(first, surname string) string { return strings.TrimSpace(first + " " + surname) }

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func known(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
