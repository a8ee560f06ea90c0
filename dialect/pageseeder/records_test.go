package pageseeder_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/dialect/pageseeder"
	"github.com/hookgraph/hookgraph/hook"
)

// read lists what becomes of an input: the key of each record or what is wrong
// with it, and what ended the list.
func read(input io.Reader) (lines []string) {
	for r, err := range pageseeder.New(nil, nil, pageseeder.Options{}).Records(input) {
		switch {
		case err != nil:
			lines = append(lines, fmt.Sprintf("%s: %v", hook.CodeOf(err), err))
		case r.Err != nil:
			lines = append(lines, fmt.Sprintf("%d! %v", r.Position, r.Err))
		default:
			lines = append(lines, fmt.Sprintf("%d %s", r.Position, r.Webhook.Key))
		}
	}
	return lines
}

// The parts of small records, in which tests replace what they are about.
const (
	memberXML = `<member id="3" username="ann" status="activated"/>`
	clientXML = `<client id="2" identifier="00c0ffee00c0ffee" name="c" grant-type="password">` + memberXML + `</client>`
	hookXML   = `<webhook id="1" url="http://a.test" status="active">` + clientXML + `</webhook>`

	memberJSON = `{"id":3,"username":"ann","status":"activated"}`
	clientJSON = `{"id":2,"identifier":"00c0ffee00c0ffee","name":"c","grantType":"password","member":` + memberJSON + `}`
	hookJSON   = `{"id":1,"url":"http://a.test","status":"active","client":` + clientJSON + `}`
)

func TestRecordsOfLists(t *testing.T) {
	t.Parallel()
	xml := func(records ...string) string { return "<webhooks>" + strings.Join(records, "\n") + "</webhooks>" }
	json := func(records ...string) string { return `{"webhooks":[` + strings.Join(records, ",") + "]}" }
	deep := strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40)
	for _, test := range []struct {
		name, input string
		want        []string
	}{
		{"XML", xml(hookXML, hookXML), []string{"1 1", "2 1"}},
		{"empty XML", "<webhooks/>", nil},
		{"XML with a mark, a declaration, comments", "\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?><!-- - -->\n" + xml("<!-- -->", hookXML) + "<!-- -->\n", []string{"1 1"}},
		{"blanks before XML", " \r\n\t" + xml(hookXML), []string{"1 1"}},
		{"unknown parts in XML", xml("<other><webhook/></other>", strings.Replace(hookXML, "<client", `<x y="1"/><x/>t<client z="1"`, 1)), []string{"1 1"}},
		{"namespaces in XML", `<webhooks xmlns:p="urn:p">` + strings.Replace(hookXML, "<client", `<p:client/><client p:id="9"`, 1) + "</webhooks>", []string{"1 1"}},
		{"JSON", json(hookJSON, hookJSON), []string{"1 1", "2 1"}},
		{"empty JSON", json(), nil},
		{"JSON with a mark", "\ufeff \n" + json(hookJSON), []string{"1 1"}},
		{"unknown parts in JSON", `{"x":{"webhooks":[1]},"webhooks":[` + strings.Replace(hookJSON, `"client"`, `"x":[{}],"client"`, 1) + `],"y":2}`, []string{"1 1"}},
		{"hyphens in JSON", json(strings.Replace(hookJSON, "grantType", "grant-type", 1)), []string{"1 1"}},

		{"nothing", "", []string{"INVALID: the input is empty"}},
		{"half a mark", "\xef\xbb<", []string{`INVALID: the input is neither XML nor JSON in UTF-8: it begins with "\xef"`}},
		{"blanks", " \n ", []string{"INVALID: the input is empty"}},
		{"many blanks", strings.Repeat(" ", 1e6), []string{"INVALID: the input begins with nothing but blanks"}},
		{"text", "hello", []string{`INVALID: the input is neither XML nor JSON in UTF-8: it begins with "h"`}},
		{"UTF-16", "\xff\xfe<\x00", []string{`INVALID: the input is neither XML nor JSON in UTF-8: it begins with "\xff"`}},

		{"other root", "\n<webhook/>", []string{`INVALID: line 2: expected the element webhooks, not "webhook"`}},
		{"no root", "<!-- -->", []string{"INVALID: line 1: the input ends before the list"}},
		{"text first", "<!-- -->x<webhooks/>", []string{"INVALID: line 1: text outside of the list"}},
		{"text behind", xml(hookXML) + "\nx", []string{"1 1", "INVALID: line 2: text behind the list"}},
		{"two lists", xml() + xml(), []string{"INVALID: line 1: an element behind the list"}},
		{"cut off XML", "<webhooks>\n" + hookXML[:60], []string{"INVALID: line 2: unexpected EOF"}},
		{"open list", "<webhooks>" + hookXML, []string{"1 1", "INVALID: line 1: unexpected EOF"}},
		{"crossed tags", "<webhooks><webhook></webhooks>", []string{"INVALID: line 1: element <webhook> closed by </webhooks>"}},
		{"document type", "<!DOCTYPE webhooks [<!ENTITY a 'b'>]><webhooks/>", []string{"INVALID: line 1: document type declarations are not read"}},
		{"entity", xml(hookXML, strings.Replace(hookXML, `"c"`, `"&a;"`, 1)), []string{"1 1", "INVALID: line 2: invalid character entity &a;"}},
		{"external entity", `<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><webhooks>&a;</webhooks>`, []string{"INVALID: line 1: document type declarations are not read"}},
		{"character that XML does not have", xml(strings.Replace(hookXML, `"c"`, `"&#1;"`, 1)), []string{"INVALID: line 1: illegal character code U+0001"}},
		{"other encoding", `<?xml version="1.0" encoding="ISO-8859-1"?><webhooks/>`,
			[]string{`INVALID: line 1: opening charset "ISO-8859-1": the encoding "ISO-8859-1" is not read; it must be UTF-8`}},
		{"not UTF-8", xml("a\xff"), []string{"INVALID: line 1: invalid UTF-8"}},
		{"deep XML", xml(strings.Replace(hookXML, "<client", deep+"<client", 1), hookXML), []string{
			"1! " + strings.Repeat("a.", 31) + "a: nested deeper than 32", "2 1"}},

		{"bare array", "[" + hookJSON + "]", []string{`INVALID: byte 1: expected an object with the member "webhooks"`}},
		{"no list", `{"id":"0106"}`, []string{`INVALID: byte 13: the member "webhooks" is missing`}},
		{"no array", `{"webhooks":{}}`, []string{"INVALID: byte 12: expected an array of records"}},
		{"cut off JSON", json(hookJSON)[:100], []string{"INVALID: byte 14: the input ends in the middle"}},
		{"text behind JSON", json(hookJSON) + "x", []string{"1 1", "INVALID: byte 204: nothing is expected behind the list"}},
		{"half a pair", json(strings.Replace(hookJSON, `"c"`, `"\ud83d"`, 1), hookJSON), []string{
			`1! client.name: the escape \uD83D is half of a character`, "2 1"}},
		{"name twice", json(strings.Replace(hookJSON, `"name"`, `"id":2,"name"`, 1), hookJSON), []string{
			"1! client.id: the member is given twice", "2 1"}},
	} {
		if diff := cmp.Diff(test.want, read(strings.NewReader(test.input))); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
		if diff := cmp.Diff(test.want, read(iotest.OneByteReader(strings.NewReader(test.input)))); diff != "" {
			t.Errorf("%s, byte by byte: (-want +got)\n%s", test.name, diff)
		}
	}
}

// TestWrongRecords: a record that is wrong says where, and does not keep the
// next one out.
func TestWrongRecords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ from, to, want string }{
		{`<webhook id="1"`, `<webhook`, "id: is missing"},
		{`<webhook id="1"`, `<webhook id="0"`, "id: expected a positive whole number"},
		{`<webhook id="1"`, `<webhook id="+1"`, "id: expected a whole number"},
		{`<webhook id="1"`, `<webhook id=""`, "id: expected a whole number"},
		{`<webhook id="1"`, `<webhook id="9223372036854775808"`, "id: expected a whole number"},
		{`<webhook id="1"`, `<webhook id="1" id="1"`, "id: is given twice"},
		{`url="http://a.test"`, ``, "url: is missing"},
		{`status="active"`, ``, "status: is missing"},
		{`status="active"`, `status="paused"`, `status: "paused" is not known here`},
		{`status="active"`, `status="active" object="full"`, `object: "full" is not known here`},
		{`status="active"`, `status="active" format="yaml"`, `format: "yaml" is not known here`},
		{`status="active"`, `status="active" server="1"`, "server: expected true or false"},
		{`status="active"`, `status="active" insecuressl="TRUE"`, "insecuressl: expected true or false"},
		{`status="active"`, `status="active" created="2024-05-06"`, "created: expected a date with an offset, like 2024-05-06T07:08:09+10:00"},
		{`status="active"`, `status="active" modified="2024-05-06T07:08:09"`, "modified: expected a date with an offset, like 2024-05-06T07:08:09+10:00"},
		{clientXML, ``, "client: is missing"},
		{clientXML, clientXML + clientXML, "client: is given twice"},
		{`identifier="00c0ffee00c0ffee"`, ``, "client.identifier: is missing"},
		{`grant-type="password"`, ``, "client.grant-type: is missing"},
		{`grant-type="password"`, `grant-type="refresh_token"`, `client.grantType: "refresh_token" is not known here`},
		{`grant-type="password"`, `grant-type="password" access-token-max-age="1h"`, "client.access-token-max-age: expected a whole number"},
		{`<member id="3"`, `<member id="-3"`, "client.member.id: expected a positive whole number"},
		{`status="activated"`, `status="gone"`, `client.member.status: "gone" is not known here`},
		{`username="ann"`, ``, "client.member.username: is missing"},

		{`{"id":1`, `{"id":"1"`, "id: expected a whole number"},
		{`{"id":1`, `{"id":1.0`, "id: expected a whole number"},
		{`{"id":1`, `{"id":-1`, "id: expected a positive whole number"},
		{`{"id":1`, `{"id":null`, "id: is missing"},
		{`"url":"http://a.test"`, `"url":null`, "url: is missing"},
		{`"url":"http://a.test"`, `"url":7`, "url: expected a string"},
		{`"status":"active"`, `"status":"active","server":"true"`, "server: expected true or false"},
		{`"status":"active"`, `"status":"active","events":["uri.*"]`, "events: expected a string"},
		{`"status":"active"`, `"status":"active","created":1`, "created: expected a string"},
		{`"status":"active"`, `"status":"active","created":"yesterday"`, "created: expected a date with an offset, like 2024-05-06T07:08:09+10:00"},
		{clientJSON, `7`, "client: expected an object"},
		{clientJSON, `null`, "client: is missing"},
		{`"grantType":"password"`, `"grantType":"password","accessTokenMaxAge":"1h"`, "client.accessTokenMaxAge: expected a whole number"},
		{memberJSON, `[]`, "client.member: expected an object"},
		{`"username":"ann"`, `"username":"ann","locked":0`, "client.member.locked: expected true or false"},
	} {
		input := "<webhooks>" + strings.Replace(hookXML, test.from, test.to, 1) + hookXML + "</webhooks>"
		if strings.ContainsAny(test.from, "{:") && !strings.Contains(test.from, "=") {
			input = `{"webhooks":[` + strings.Replace(hookJSON, test.from, test.to, 1) + "," + hookJSON + "]}"
		}
		if diff := cmp.Diff([]string{"1! " + test.want, "2 1"}, read(strings.NewReader(input))); diff != "" {
			t.Errorf("%s for %s: (-want +got)\n%s", test.to, test.from, diff)
		}
	}
}

// TestRecordValues has what the reader makes of values that can be written in
// more than one way.
func TestRecordValues(t *testing.T) {
	t.Parallel()
	one := func(change func(string) string) *hook.Record {
		t.Helper()
		for r, err := range pageseeder.New(nil, nil, pageseeder.Options{}).Records(strings.NewReader(`{"webhooks":[` + change(hookJSON) + "]}")) {
			if err != nil || r.Err != nil {
				t.Fatal(err, r)
			}
			return r
		}
		t.Fatal("no record")
		return nil
	}
	with := func(members string) *hook.Record {
		return one(func(s string) string { return strings.Replace(s, `"status":"active"`, `"status":"active",`+members, 1) })
	}
	if diff := cmp.Diff(&hook.Record{
		Position: 1,
		Webhook: &hook.Webhook{Meta: hook.Meta{Key: "1"}, Number: 1, Dialect: hook.PageSeeder, URL: "http://a.test", Enabled: true,
			Health: hook.HealthActive, SecretState: hook.SecretNone, VerifyTLS: true, Format: hook.FormatXML, Detail: hook.DetailMinimal,
			Subscriptions: []hook.Subscription{{ID: "1", Pattern: "*"}}},
		Client: &hook.Client{Meta: hook.Meta{Key: "2"}, Number: 2, Identifier: "00c0ffee00c0ffee", Name: "c", GrantType: hook.GrantPassword, Member: "3"},
		Member: &hook.Member{Meta: hook.Meta{Key: "3"}, Number: 3, Username: "ann", Status: hook.MemberActivated},
	}, one(func(s string) string { return s })); diff != "" {
		t.Errorf("the smallest record: (-want +got)\n%s", diff)
	}
	lists := with(`"events":" uri.* ,, unknown.thing","projects":",","groups":"a, b c"`).Webhook
	if diff := cmp.Diff([]hook.Subscription{{ID: "1", Pattern: "uri.*"}, {ID: "2", Pattern: "unknown.thing"}}, lists.Subscriptions); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][]string{nil, {"a", "b c"}}, [][]string{lists.Projects, lists.Groups}); diff != "" {
		t.Error(diff)
	}
	want := time.Date(2024, 5, 5, 21, 8, 9, 0, time.UTC)
	for _, text := range []string{"2024-05-06T07:08:09+10:00", "2024-05-06T07:08:09.000+1000", "2024-05-06T07:08:09+10", "2024-05-05T21:08:09Z"} {
		if got := with(`"created":"` + text + `"`).Webhook.Created; got != want {
			t.Errorf("%s is %s", text, got)
		}
	}
	if w := with(`"server":true,"insecuressl":true,"object":"basic","format":"json"`).Webhook; w.VerifyTLS || !w.ServerEvents ||
		w.Detail != hook.DetailBasic || w.Format != hook.FormatJSON {
		t.Errorf("flags: %+v", w)
	}
	off := one(func(s string) string { return strings.Replace(s, `"active"`, `"disabled"`, 1) }).Webhook
	if off.Enabled || off.Health != hook.HealthActive {
		t.Errorf("disabled: %t %s", off.Enabled, off.Health)
	}
	for _, text := range []string{"client-credentials", "CLIENT_CREDENTIALS", "Client-Credentials"} {
		if got := one(func(s string) string { return strings.Replace(s, "password", text, 1) }).Client.GrantType; got != hook.GrantClientCredentials {
			t.Errorf("%s is %s", text, got)
		}
	}
	person := one(func(s string) string {
		return strings.Replace(s, `"status":"activated"`, `"status":"set-password","email":"a@b.test","firstname":"Ann","surname":"Lee","locked":true`, 1)
	}).Member
	if person.Status != hook.MemberSetPassword || person.Email != "a@b.test" || person.FullName != "Ann Lee" || !person.Locked {
		t.Errorf("member: %+v", person)
	}
	if r := one(func(s string) string { return strings.Replace(s, `,"member":`+memberJSON, "", 1) }); r.Member != nil || r.Client.Member != "" {
		t.Errorf("no member: %+v", r.Member)
	}
}

// An endless reader never stops; it counts what was taken.
type endless struct {
	start string
	taken int64
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.start)
	e.start = e.start[n:]
	for i := n; i < len(p); i++ {
		p[i] = ' '
	}
	e.taken += int64(len(p))
	return len(p), nil
}

// TestEndlessInput: what does not end is not collected.
func TestEndlessInput(t *testing.T) {
	t.Parallel()
	for _, start := range []string{
		`<webhooks><webhook id="`, "<webhooks><webhook>", "<webhooks><webhook><!--", "<webhooks>", "<webhooks/>", `{"webhooks":[{"id":"`, "{", "",
	} {
		input := &endless{start: start}
		lines := read(input)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], "INVALID: ") || input.taken > 4<<20 {
			t.Errorf("%q: %q after %d bytes", start, lines, input.taken)
		}
	}
}

// TestLargeRecords: a megabyte is read, more is not.
func TestLargeRecords(t *testing.T) {
	t.Parallel()
	for size, want := range map[int][]string{
		1 << 19: {"1 1", "2 1", "3 1"},
		1 << 21: {"1 1", "INVALID: line 1: a record has more than 1048576 bytes"},
	} {
		large := strings.Replace(hookXML, `"c"`, `"`+strings.Repeat("x", size)+`"`, 1)
		if diff := cmp.Diff(want, read(strings.NewReader("<webhooks>"+hookXML+large+hookXML+"</webhooks>"))); diff != "" {
			t.Errorf("%d: (-want +got)\n%s", size, diff)
		}
	}
}

// TestReadingFails: an error of the source is told as it is, not as one of the
// input.
func TestReadingFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	for _, start := range []string{"", "<webhooks>" + hookXML, "<webhooks><webhook ", `{"webhooks":[` + hookJSON, `{"webh`} {
		var last error
		for _, err := range pageseeder.New(nil, nil, pageseeder.Options{}).Records(io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken))) {
			last = err
		}
		if !errors.Is(last, broken) {
			t.Errorf("%q: %v", start, last)
		}
	}
}

// FuzzRecords: whatever the input is, it is read to its end or to an error, and
// each record is either good or says what is wrong.
func FuzzRecords(f *testing.F) {
	for _, seed := range []string{
		"<webhooks>" + hookXML + "</webhooks>", `{"webhooks":[` + hookJSON + "]}", "<webhooks/>", `{"webhooks":[]}`, "\ufeff<", "[", "{",
		"<!DOCTYPE a><webhooks>&b;</webhooks>", `<webhooks><webhook id="1" id="2"><a:b xmlns:a="c"/></webhook></webhooks>`,
		`{"webhooks":[{"id":1e9,"id":"\ud800","client":{"member":[]}}],"webhooks":1}`,
	} {
		f.Add(seed)
	}
	api := pageseeder.New(nil, nil, pageseeder.Options{})
	f.Fuzz(func(t *testing.T, input string) {
		position, ended := 0, false
		for r, err := range api.Records(strings.NewReader(input)) {
			if ended {
				t.Fatal("a record behind the end")
			}
			if err != nil {
				if ended = true; r != nil || hook.CodeOf(err) != hook.Invalid {
					t.Fatalf("%v %v", r, err)
				}
				continue
			}
			if position++; r.Position != position || (r.Err == nil) != (r.Webhook != nil) {
				t.Fatalf("record %d: %+v", position, r)
			}
			if r.Err != nil {
				if hook.CodeOf(r.Err) != hook.Invalid {
					t.Fatal(r.Err)
				}
				continue
			}
			if w := r.Webhook; w.Number < 1 || fmt.Sprint(w.Number) != w.Key || len(w.Subscriptions) == 0 || r.Client == nil ||
				r.Client.Number < 1 || (r.Member != nil) != (r.Client.Member != "") {
				t.Fatalf("record %d: %+v %+v %+v", position, w, r.Client, r.Member)
			}
		}
	})
}
