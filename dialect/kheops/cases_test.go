package kheops_test

import (
	"fmt"
	"net/url"
	"strings"
)

const (
	webhooks = "/albums/" + album + "/webhooks"
	webhook  = webhooks + "/{webhook}"
	trigger  = webhook + "/trigger"
	users    = "/albums/" + album + "/users"
	good     = "url=https://hooks.example.org/new&name=New"
)

func repeat(s string, n int) string { return strings.Repeat(s, n) }

var listCases = []contract{
	{section: "3 E1", name: "one page", method: "GET", path: webhooks + "?limit=1&offset=1"},
	{section: "3 E1", name: "exact url", method: "GET", path: webhooks + "?limit=1&url=" + url.QueryEscape("https://hooks.example.org/k?x=1")},
	{section: "3 E1", name: "no webhook with the url", method: "GET", path: webhooks + "?url=https://hooks.example.org/k"},
	{section: "3 E1", name: "limit 0", method: "GET", path: webhooks + "?limit=0"},
	{section: "3 E1", name: "negative", method: "GET", path: webhooks + "?limit=-1"},
	{section: "3 E1", name: "no number", method: "GET", path: webhooks + "?limit=x"},
	{section: "3 E1", name: "blank", method: "GET", path: webhooks + "?limit="},
	{section: "4.2", name: "failed and passed triggers", method: "GET", path: "/albums/" + otherRoom + "/webhooks", as: "admin key"},
	{section: "9", name: "a form's content type on GET, as the web UI sends", method: "GET", path: "/api" + webhooks + "?limit=1",
		headers: []string{"Content-Type", "application/x-www-form-urlencoded"}},
}

var createCases = []contract{
	{section: "3 E2", name: "all parameters", method: "POST", path: webhooks,
		body: "url=https%3A%2F%2Fhooks.example.org%2Fk%3Fx%3D1&name=+Nightly+QA%0A&secret=+s+&event=NEW_USER&event=New_Series&event=new_user&enabled=TRUE"},
	{section: "12", name: "the least, no last_triggers", method: "POST", path: webhooks, body: good},
	{section: "2", name: "enabled is not true", method: "POST", path: webhooks, body: good + "&enabled=1"},
	{section: "2", name: "enabled is empty", method: "POST", path: webhooks, body: good + "&enabled="},
	{section: "2", name: "enabled is blank", method: "POST", path: webhooks, body: good + "&enabled=%20"},
	{section: "2", name: "the first value counts", method: "POST", path: webhooks, body: good + "&url=x&name=&enabled=false&enabled=true&secret=s&secret="},
	{section: "2", name: "unknown parameters, and names in another case", method: "POST", path: webhooks, body: good + "&Secret=&EVENT=x&id=1&=&&&x"},
	{section: "1", name: "characters of all kinds", method: "POST", path: webhooks,
		body: "url=http:foo%20%7Bid%7D/%C3%A9&name=%22%5C%2F%3C%F0%9F%98%80&event=delete_album"},
	{section: "3 E2", name: "name of 255 with blanks around", method: "POST", path: webhooks, body: "url=http://h/&name=+" + repeat("n", 255) + "+"},
	{section: "3 E2", name: "url of 1024", method: "POST", path: webhooks, body: "name=n&url=http://h/" + repeat("u", 1015)},
	{section: "3 E2", name: "secret of 1024", method: "POST", path: webhooks, body: good + "&secret=" + repeat("s", 1024)},
	{section: "2", name: "ISO-8859-1", method: "POST", path: webhooks, body: "url=http://h/&name=caf%E9",
		headers: []string{"Content-Type", "application/x-www-form-urlencoded;charset=ISO-8859-1"}},
	{section: "2", name: "charset as axios sends", method: "POST", path: webhooks, body: good,
		headers: []string{"Content-Type", "application/x-www-form-urlencoded;charset=utf-8"}},
	{section: "5.2", name: "no url", method: "POST", path: webhooks, body: "name=n"},
	{section: "5.2", name: "no name", method: "POST", path: webhooks, body: "url=http://h/&event=x"},
	{section: "5.2", name: "empty form", method: "POST", path: webhooks},
	{section: "2", name: "parameters in the query", method: "POST", path: webhooks + "?" + good, body: "name=n"},
	{section: "5.2", name: "unknown event", method: "POST", path: webhooks, body: good + "&event=new_series&event=x"},
	{section: "3 E2", name: "empty event", method: "POST", path: webhooks, body: good + "&event="},
	{section: "5.2", name: "url too long", method: "POST", path: webhooks, body: "name=&url=" + repeat("u", 1025)},
	{section: "3 E2", name: "url too long in UTF-16", method: "POST", path: webhooks, body: "name=n&url=http://h/" + repeat("%F0%9F%98%80", 508)},
	{section: "5.2", name: "url malformed", method: "POST", path: webhooks, body: "name=&url=x"},
	{section: "5.2", name: "url empty", method: "POST", path: webhooks, body: "name=n&url="},
	{section: "5.2", name: "url scheme", method: "POST", path: webhooks, body: "name=&url=ftp://h/"},
	{section: "5.2", name: "name too long", method: "POST", path: webhooks, body: "url=http://h/&secret=&name=" + repeat("n", 256)},
	{section: "5.2", name: "name blank", method: "POST", path: webhooks, body: "url=http://h/&secret=&name=+%09"},
	{section: "5.2", name: "secret too long", method: "POST", path: webhooks, body: good + "&secret=" + repeat("s", 1025)},
	{section: "5.2", name: "secret empty", method: "POST", path: webhooks, body: good + "&secret="},
	{section: "3 E2", name: "event before url", method: "POST", path: webhooks, body: "url=x&name=&event=x"},
	{section: "3 E2", name: "url before name", method: "POST", path: webhooks, body: "secret=&name=&url=x"},
	{section: "3 E2", name: "credentials in the url, unlike Kheops", method: "POST", path: webhooks, body: "name=n&url=https://a:b@h/"},
	{section: "3 E2", name: "control character in the name, unlike Kheops", method: "POST", path: webhooks, body: "url=http://h/&name=a%01b"},
	{section: "3 E2", name: "text that is no UTF-8, unlike Kheops", method: "POST", path: webhooks, body: "url=http://h/&name=a%FFb"},
	{section: "5.1", name: "malformed percent-encoding", method: "POST", path: webhooks, body: good + "&secret=%zz"},
	{section: "5.1", name: "cut percent-encoding", method: "POST", path: webhooks, body: good + "&secret=%4"},
	{section: "2", name: "no content type", method: "POST", path: webhooks, body: good, headers: []string{"Content-Type", ""}},
	{section: "2", name: "JSON", method: "POST", path: webhooks, body: `{"url":"http://h/","name":"n"}`, headers: []string{"Content-Type", "application/json"}},
	{section: "2", name: "multipart", method: "POST", path: webhooks, body: "--b--", headers: []string{"Content-Type", "multipart/form-data; boundary=b"}},
	{section: "2", name: "unknown charset", method: "POST", path: webhooks, body: good,
		headers: []string{"Content-Type", "application/x-www-form-urlencoded; charset=klingon"}},
	{section: "2", name: "HTML wanted", method: "POST", path: webhooks, body: good, headers: []string{"Accept", "text/html"}},
	{section: "2", name: "reader, before the form", method: "POST", path: webhooks, body: "url=%zz", as: "reader"},
	{section: "2", name: "stranger, before the form", method: "POST", path: webhooks, body: "url=%zz", as: "stranger"},
	{section: "2", name: "no credential", method: "POST", path: webhooks, body: good, as: "none"},
	{section: "5.2", name: "no album", method: "POST", path: "/albums/0000000000/webhooks", body: good, as: "admin key"},
}

var getCases = []contract{
	{section: "4.3", name: "triggers of all kinds", method: "GET", path: webhook, webhook: detailed},
	{section: "4.4", name: "second page", method: "GET", path: webhook + "?offset=3&limit=1", webhook: detailed},
	{section: "3 E3", name: "past the end", method: "GET", path: webhook + "?offset=99", webhook: detailed},
	{section: "3 E3", name: "limit 0", method: "GET", path: webhook + "?limit=0", webhook: detailed},
	{section: "3 E3", name: "HEAD", method: "HEAD", path: webhook, webhook: detailed},
	{section: "3 E3", name: "negative", method: "GET", path: webhook + "?offset=-1"},
	{section: "3 E3", name: "no number", method: "GET", path: webhook + "?offset=x"},
	{section: "3 E3", name: "blank", method: "GET", path: webhook + "?limit=+"},
	{section: "5.2", name: "no webhook", method: "GET", path: webhooks + "/00000000000000000000"},
	{section: "3 E3", name: "webhook of another album", method: "GET", path: "/albums/" + otherRoom + "/webhooks/{webhook}", as: "admin key"},
	{section: "3 E3", name: "number before webhook", method: "GET", path: webhooks + "/00000000000000000000?limit=x"},
	{section: "1", name: "id of 19 characters", method: "GET", path: webhooks + "/0000000000000000000", as: "none"},
	{section: "5.2", name: "reader", method: "GET", path: webhook, as: "reader"},
	{section: "5.2", name: "stranger", method: "GET", path: webhook, as: "stranger"},
	{section: "2", name: "at the API's root", method: "GET", path: "/api" + webhook + "/?limit=0"},
}

var editCases = []contract{
	{section: "3 E4", name: "empty form", method: "PATCH", path: webhook},
	{section: "3 E4", name: "all parameters", method: "PATCH", path: webhook, body: "url=HTTP://H/&name=+B+&secret=new&event=remove_series&enabled=false"},
	{section: "3 E4", name: "secret removed", method: "PATCH", path: webhook, body: "secret="},
	{section: "3 E4", name: "secret kept", method: "PATCH", path: webhook, body: "name=x"},
	{section: "3 E4", name: "events cleared", method: "PATCH", path: webhook, body: "event="},
	{section: "3 E4", name: "empty event beside another", method: "PATCH", path: webhook, body: "event=&event=DELETE_ALBUM"},
	{section: "3 E4", name: "events added", method: "PATCH", path: webhook, body: "add_event=remove_series&add_event=New_User"},
	{section: "3 E4", name: "event removed", method: "PATCH", path: webhook, body: "remove_event=new_user&remove_event=delete_album"},
	{section: "12", name: "added and removed", method: "PATCH", path: webhook, body: "remove_event=new_user&add_event=delete_album&remove_event=x"},
	{section: "3 E4", name: "enabled is empty", method: "PATCH", path: webhook, body: "enabled="},
	{section: "4.1", name: "at the API's root, as the web UI does", method: "PATCH", path: "/api" + webhook, body: "enabled=false"},
	{section: "5.2", name: "event beside add_event", method: "PATCH", path: webhook, body: "event=&add_event=x"},
	{section: "5.2", name: "event beside remove_event", method: "PATCH", path: webhook, body: "event=x&remove_event=new_user"},
	{section: "5.2", name: "unknown event", method: "PATCH", path: webhook, body: "event=x"},
	{section: "5.2", name: "unknown add_event", method: "PATCH", path: webhook, body: "name=n&add_event=x"},
	{section: "5.2", name: "unknown remove_event", method: "PATCH", path: webhook, body: "remove_event=x"},
	{section: "3 E4", name: "empty add_event", method: "PATCH", path: webhook, body: "add_event="},
	{section: "3 E4", name: "empty remove_event", method: "PATCH", path: webhook, body: "remove_event="},
	{section: "3 E4", name: "empty name", method: "PATCH", path: webhook, body: "name=&url=x"},
	{section: "3 E4", name: "name too long", method: "PATCH", path: webhook, body: "name=" + repeat("n", 256)},
	{section: "3 E4", name: "secret before url", method: "PATCH", path: webhook, body: "url=x&secret=" + repeat("s", 1025)},
	{section: "3 E4", name: "url before event", method: "PATCH", path: webhook, body: "event=x&url=x"},
	{section: "3 E4", name: "empty url", method: "PATCH", path: webhook, body: "url="},
	{section: "2", name: "parameters in the query", method: "PATCH", path: webhook + "?name=q"},
	{section: "2", name: "no content type", method: "PATCH", path: webhook, body: "name=n", headers: []string{"Content-Type", ""}},
	{section: "5.1", name: "malformed percent-encoding", method: "PATCH", path: webhook, body: "na%2me=x"},
	{section: "5.2", name: "no webhook", method: "PATCH", path: webhooks + "/00000000000000000000", body: "name=n"},
	{section: "3 E4", name: "webhook of another album", method: "PATCH", path: "/albums/" + otherRoom + "/webhooks/{webhook}", body: "name=n", as: "admin key"},
	{section: "3 E4", name: "form before webhook", method: "PATCH", path: webhooks + "/00000000000000000000", body: "name="},
	{section: "5.2", name: "reader", method: "PATCH", path: webhook, body: "name=n", as: "reader"},
	{section: "5.2", name: "stranger", method: "PATCH", path: webhook, body: "name=n", as: "stranger"},
}

var deleteCases = []contract{
	{section: "3 E5", name: "deleted", method: "DELETE", path: webhook},
	{section: "3 E5", name: "deleted again", method: "DELETE", path: webhook, webhook: "deleted"},
	{section: "3 E5", name: "no longer there", method: "GET", path: webhook, webhook: "deleted"},
	{section: "2", name: "content type of JSON", method: "DELETE", path: webhook, headers: []string{"Content-Type", "application/json"}},
	{section: "2", name: "a form that is not read", method: "DELETE", path: webhook, body: "%zz", headers: []string{"Content-Type", "application/x-www-form-urlencoded"}},
	{section: "3 E5", name: "webhook of another album", method: "DELETE", path: "/albums/" + otherRoom + "/webhooks/{webhook}", as: "admin key"},
	{section: "5.2", name: "reader", method: "DELETE", path: webhook, as: "reader"},
	{section: "5.2", name: "stranger", method: "DELETE", path: webhook, as: "stranger"},
	{section: "5.2", name: "no credential", method: "DELETE", path: webhook, as: "none"},
}

var triggerCases = []contract{
	{section: "3 E6", name: "new_series", method: "POST", path: trigger,
		body: "event=New_Series&StudyInstanceUID=1.2.840.99.1&SeriesInstanceUID=1.2.840.99.1.2&SeriesInstanceUID=1.2.840.99.1.1&SeriesInstanceUID=1.2.840.99.1.2"},
	{section: "4.3", name: "new_series is shown", method: "GET", path: webhook, webhook: "new_series"},
	{section: "3 E6", name: "disabled, without events", method: "PATCH", path: webhook, body: "enabled=false&event=", webhook: "new_user by email, disabled webhook"},
	{section: "3 E6", name: "new_user by email, disabled webhook", method: "POST", path: trigger, body: "event=new_user&user=Reader%40EXAMPLE.org"},
	{section: "4.3", name: "new_user is shown", method: "GET", path: webhook, webhook: "new_user by email, disabled webhook"},
	{section: "3 E6", name: "new_user by sub, any Accept", method: "POST", path: trigger, body: "event=NEW_USER&user=sub-manager", headers: []string{"Accept", "text/html"}},
	{section: "4.2", name: "a new trigger has not passed", method: "PATCH", path: webhook, webhook: "new_user by sub, any Accept"},
	{section: "5.2", name: "no event", method: "POST", path: trigger, body: "user=x&StudyInstanceUID=1"},
	{section: "5.2", name: "empty form", method: "POST", path: trigger},
	{section: "5.2", name: "both", method: "POST", path: trigger, body: "event=new_user&user=x&StudyInstanceUID="},
	{section: "5.2", name: "neither", method: "POST", path: trigger, body: "event=new_user&SeriesInstanceUID=1"},
	{section: "5.2", name: "both before the event", method: "POST", path: trigger, body: "event=x"},
	{section: "12", name: "new_series without series", method: "POST", path: trigger, body: "event=new_series&StudyInstanceUID=1.2"},
	{section: "5.2", name: "new_series with a user", method: "POST", path: trigger, body: "event=new_series&user=sub-reader"},
	{section: "5.2", name: "new_user with a study", method: "POST", path: trigger, body: "event=new_user&StudyInstanceUID=1.2"},
	{section: "5.2", name: "remove_series", method: "POST", path: trigger, body: "event=remove_series&StudyInstanceUID=1.2&SeriesInstanceUID=1"},
	{section: "5.2", name: "delete_album", method: "POST", path: trigger, body: "event=delete_album&user=sub-reader"},
	{section: "5.2", name: "empty event", method: "POST", path: trigger, body: "event=&user=sub-reader"},
	{section: "5.2", name: "user unknown", method: "POST", path: trigger, body: "event=new_user&user=sub-nobody"},
	{section: "5.2", name: "user empty", method: "POST", path: trigger, body: "event=new_user&user="},
	{section: "5.2", name: "email with wildcard, unlike Kheops", method: "POST", path: trigger, body: "event=new_user&user=%25@example.org"},
	{section: "5.2", name: "user not a member", method: "POST", path: trigger, body: "event=new_user&user=stranger@example.org"},
	{section: "5.2", name: "study that cannot exist", method: "POST", path: trigger, body: "event=new_series&StudyInstanceUID=x&SeriesInstanceUID=1"},
	{section: "5.2", name: "series that cannot exist", method: "POST", path: trigger, body: "event=new_series&StudyInstanceUID=1.2&SeriesInstanceUID=1&SeriesInstanceUID="},
	{section: "3 E6", name: "too many series", method: "POST", path: trigger, body: "event=new_series&StudyInstanceUID=1.2" + manySeries(10_000)},
	{section: "3 E6", name: "form before webhook", method: "POST", path: webhooks + "/00000000000000000000/trigger", body: "event=x&user=y"},
	{section: "3 E6", name: "webhook before user", method: "POST", path: webhooks + "/00000000000000000000/trigger", body: "event=new_user&user=nobody"},
	{section: "3 E6", name: "webhook of another album", method: "POST", path: "/albums/" + otherRoom + "/webhooks/{webhook}/trigger",
		body: "event=new_series&StudyInstanceUID=1&SeriesInstanceUID=1", as: "admin key"},
	{section: "3 E6", name: "GET", method: "GET", path: trigger},
	{section: "2", name: "no content type", method: "POST", path: trigger, body: "event=new_user&user=sub-reader", headers: []string{"Content-Type", ""}},
	{section: "5.1", name: "malformed percent-encoding", method: "POST", path: trigger, body: "event=new_user&user=%"},
	{section: "5.2", name: "reader", method: "POST", path: trigger, body: "event=new_user&user=sub-reader", as: "reader"},
	{section: "5.2", name: "stranger", method: "POST", path: trigger, body: "event=new_user&user=sub-reader", as: "stranger"},
}

func manySeries(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "&SeriesInstanceUID=1.2.840.99.1.%d", i)
	}
	return b.String()
}

var albumCases = []contract{
	{section: "8", name: "album for an admin", method: "GET", path: "/albums/" + album},
	{section: "8", name: "album for a member, at the API's root", method: "GET", path: "/api/albums/" + album, as: "reader"},
	{section: "8", name: "album with its users", method: "GET", path: "/albums/" + album + "?includeUsers=True", as: "admin key"},
	{section: "8", name: "album for a stranger", method: "GET", path: "/albums/" + album, as: "stranger"},
	{section: "8", name: "no credential", method: "GET", path: "/albums/" + album, as: "none"},
	{section: "8", name: "users", method: "GET", path: users},
	{section: "8", name: "users, one page", method: "GET", path: users + "?offset=1&limit=1", as: "reader"},
	{section: "8", name: "users past the end", method: "GET", path: users + "?offset=9"},
	{section: "8", name: "users, no number", method: "GET", path: users + "?offset=x"},
	{section: "8", name: "users for a stranger", method: "GET", path: users, as: "stranger"},
	{section: "8", name: "users of no album", method: "GET", path: "/albums/0000000000/users", as: "admin key"},
	{section: "8", name: "another method", method: "DELETE", path: "/albums/" + album},
	{section: "8", name: "any content type", method: "GET", path: users + "?limit=0", headers: []string{"Content-Type", "application/json"}},
}

var protocolCases = []contract{
	{section: "2", name: "OPTIONS of the list", method: "OPTIONS", path: webhooks, as: "none"},
	{section: "2", name: "OPTIONS of a webhook", method: "OPTIONS", path: webhook, as: "none"},
	{section: "2", name: "OPTIONS of the trigger", method: "OPTIONS", path: trigger, as: "none"},
	{section: "2", name: "preflight of a PATCH", method: "OPTIONS", path: webhook, as: "none", headers: []string{
		"Origin", "https://kheops.example.org", "Access-Control-Request-Method", "PATCH", "Access-Control-Request-Headers", "authorization"}},
	{section: "2", name: "PUT of a webhook", method: "PUT", path: webhook},
	{section: "2", name: "unknown path", method: "GET", path: webhook + "/triggers"},
	{section: "2", name: "all albums", method: "GET", path: "/api/albums"},
}
