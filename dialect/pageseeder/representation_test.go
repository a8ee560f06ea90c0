package pageseeder_test

import (
	"encoding/json"
	"encoding/xml"
	"iter"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/hook"
)

// everything has webhooks with all that can be shown and with as little as
// there can be.
func everything() iter.Seq2[*hook.Record, error] {
	at := func(text string) time.Time {
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			panic(err)
		}
		return t.UTC()
	}
	modified, token := at("2024-04-07T02:30:00.999+10:00"), at("2024-12-31T23:59:59Z")
	owner := &hook.Member{
		Meta: hook.Meta{Key: "12"}, Number: 12, Username: "Ann&<Lee>", Email: "ann@acme.test", FirstName: "Ann \"A\"", Surname: "O'Lee",
		FullName: "Ann <Lee> & \"Co\" ☃", Status: hook.MemberSetPassword, ExternalID: "ext 1", Locked: true, OnVacation: true,
	}
	client := &hook.Client{
		Meta: hook.Meta{Key: "7", Created: at("2024-01-02T03:04:05+11:00")}, Number: 7, Identifier: "00c0ffee00c0ffee",
		Name: "acme \\ \"app\" <&>", GrantType: hook.GrantAuthorizationCode, RequiresConsent: true, Confidential: true,
		Description: "tab\there, line\nfeed, return\rand ]]> \u2028 😀 \ufffe", ClientURI: "https://app.acme.test/?a=1&b='2'",
		RedirectURI: "https://app.acme.test/back", Scope: "openid profile email", App: "bériot",
		AccessTokenMaxAge: 3600, RefreshTokenMaxAge: 1, Modified: &modified, LastToken: &token, Member: "12",
	}
	full := &hook.Webhook{
		Meta: hook.Meta{Key: "9223372036854775807", Created: at("2024-05-06T07:08:09+10:00")}, Number: 9223372036854775807,
		Dialect: hook.PageSeeder, Name: "a\u00a0\"name\" <&>", URL: "https://hooks.acme.test/ps?x=1&y=%22", Enabled: true,
		Health: hook.HealthUnreachable, SecretState: hook.SecretNone, Format: hook.FormatJSON, Detail: hook.DetailBasic,
		ServerEvents: true, Projects: []string{"acme", "beta & co"}, Groups: []string{"acme-info"}, Modified: modified,
		Subscriptions: []hook.Subscription{{ID: "1", Pattern: "uri.*"}, {ID: "2", Pattern: "workflow.updated"}},
	}
	bare := &hook.Webhook{
		Meta: hook.Meta{Key: "1", Created: at("2023-12-31T13:00:00Z")}, Number: 1, Dialect: hook.PageSeeder, URL: "http://a.test",
		Enabled: true, Health: hook.HealthActive, SecretState: hook.SecretNone, Format: hook.FormatXML, Detail: hook.DetailMinimal,
		VerifyTLS: true, Modified: at("2024-06-30T14:00:00Z"), Subscriptions: []hook.Subscription{{ID: "1", Pattern: "*"}},
	}
	off := *bare
	off.Key, off.Number, off.Enabled = "2", 2, false
	past := at("2024-01-01T00:00:00Z")
	expired := *bare
	expired.Key, expired.Number, expired.ExpiresAt = "3", 3, &past
	return func(yield func(*hook.Record, error) bool) {
		// The order of the list is not the one in which they came.
		for i, w := range []*hook.Webhook{full, &expired, &off, bare} {
			if !yield(&hook.Record{Position: i + 1, Webhook: w, Client: client, Member: owner}, nil) {
				return
			}
		}
	}
}

func bareClient() iter.Seq2[*hook.Record, error] {
	return func(yield func(*hook.Record, error) bool) {
		yield(&hook.Record{Position: 1,
			Client: &hook.Client{Meta: hook.Meta{Key: "8"}, Number: 8, Identifier: "0123456789abcdef", Name: "bare",
				GrantType: hook.GrantClientCredentials, Member: "13"},
			Member: &hook.Member{Meta: hook.Meta{Key: "13"}, Number: 13, Email: "bo@acme.test", Status: hook.MemberUnactivated},
			Webhook: &hook.Webhook{Meta: hook.Meta{Key: "40", Created: time.Unix(0, 0)}, Number: 40, Dialect: hook.PageSeeder,
				URL: "http://a.test", Enabled: true, Health: hook.HealthWarning, SecretState: hook.SecretNone, Format: hook.FormatXML,
				Detail: hook.DetailMinimal, VerifyTLS: true, Modified: time.Unix(0, 0),
				Subscriptions: []hook.Subscription{{ID: "1", Pattern: "webhook.ping"}}},
		}, nil)
	}
}

func TestRepresentation(t *testing.T) {
	t.Parallel()
	for name, records := range map[string]func() iter.Seq2[*hook.Record, error]{"everything": everything, "bare": bareClient} {
		g := newGateway(t, nil)
		g.take(t, records)
		client := map[string]string{"everything": "7", "bare": "8"}[name]
		for _, extension := range []string{".xml", ".json"} {
			golden(t, name+".golden"+extension, body(t, g.get(t, "/clients/"+client+"/webhooks"+extension)))
		}
	}
}

// The examples of section 3.5.
const exampleXML = `<webhooks>
  <webhook id="41" created="2024-05-06T07:08:09+10:00" modified="2024-05-06T07:08:09+10:00"
           url="https://hooks.acme.test/ps" server="true" object="basic" format="json" insecuressl="false"
           status="active" name="acme-sync" projects="acme" groups="beta-info" events="uri.*,workflow.updated">
    <client id="7" identifier="00c0ffee00c0ffee" requires-consent="false" confidential="false" name="acme-app"
            grant-type="client_credentials" created="2024-01-02T03:04:05+11:00" scope="openid"
            access-token-max-age="3600" refresh-token-max-age="0">
      <member id="12" firstname="Ann" surname="Lee" username="alee" email="alee@acme.test" status="activated">
        <fullname>Ann Lee</fullname>
      </member>
    </client>
  </webhook>
</webhooks>
`

const exampleJSON = `{"webhooks":[{"id":41,"created":"2024-05-06T07:08:09+10:00","modified":"2024-05-06T07:08:09+10:00","url":"https://hooks.acme.test/ps","server":true,"object":"basic","format":"json","insecuressl":false,"status":"active","name":"acme-sync","projects":"acme","groups":"beta-info","events":"uri.*,workflow.updated","client":{"id":7,"identifier":"00c0ffee00c0ffee","requiresConsent":false,"confidential":false,"name":"acme-app","grantType":"client_credentials","created":"2024-01-02T03:04:05+11:00","scope":"openid","accessTokenMaxAge":3600,"refreshTokenMaxAge":0,"member":{"id":12,"firstname":"Ann","surname":"Lee","username":"alee","email":"alee@acme.test","status":"activated","fullname":"Ann Lee"}}}]}`

// TestExamples takes the examples of the specification over and wants them back
// byte by byte, in both formats from either.
func TestExamples(t *testing.T) {
	t.Parallel()
	wantXML := regexp.MustCompile(`>\s+<`).ReplaceAllString(strings.TrimSpace(exampleXML), "><")
	wantXML = regexp.MustCompile(`\s+`).ReplaceAllString(wantXML, " ")
	for name, example := range map[string]string{"XML": exampleXML, "JSON": exampleJSON} {
		g := newGateway(t, nil)
		g.takeText(t, example)
		if got := body(t, g.get(t, "/ps/api/clients/7/webhooks.xml")); got != wantXML {
			t.Errorf("from %s: %s", name, cmp.Diff(wantXML, got))
		}
		if got := body(t, g.get(t, "/ps/api/clients/7/webhooks.json")); got != exampleJSON {
			t.Errorf("from %s: %s", name, cmp.Diff(exampleJSON, got))
		}
	}
	g := newGateway(t, nil)
	g.takeText(t, exampleXML)
	g.takeText(t, strings.NewReplacer(`"id":7,`, `"id":8,`, `"id":41,`, `"id":42,`, "00c0ffee00c0ffee", "00c0ffee00c0ffef", "acme-app", "other").Replace(exampleJSON))
	if err := g.service.DeleteWebhook(hook.WithViewer(t.Context(), hook.AdminViewer()), "42", nil); err != nil {
		t.Fatal(err)
	}
	if x, j := body(t, g.get(t, "/clients/8/webhooks")), body(t, g.get(t, "/clients/8/webhooks.json")); x != "<webhooks/>" || j != `{"webhooks":[]}` {
		t.Errorf("the empty list is %s and %s", x, j)
	}
}

// TestGoldenFilesAgree reads the golden files with independent parsers: both
// formats hold the same, and XML loses no character on the way.
func TestGoldenFilesAgree(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"everything", "bare"} {
		fromXML := parseXML(t, fixture(t, name+".golden.xml"))
		fromJSON := parseJSON(t, fixture(t, name+".golden.json")).(map[string]any)
		var got []map[string]any
		for _, w := range fromXML.Children {
			got = append(got, w.flat())
		}
		var want []map[string]any
		for _, w := range fromJSON["webhooks"].([]any) {
			want = append(want, texts(w.(map[string]any)))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: JSON and XML differ (-JSON +XML):\n%s", name, diff)
		}
	}
}

// TestRoundTrip imports a list and wants the same list back, in the same format.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ file, client string }{
		{"list.xml", "123"}, {"list.json", "123"},
		{"everything.golden.xml", "7"}, {"everything.golden.json", "7"}, {"bare.golden.xml", "8"}, {"bare.golden.json", "8"},
	} {
		t.Run(test.file, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t, nil)
			// What stands for a character that XML does not have is refused.
			want := strings.ReplaceAll(fixture(t, test.file), "\ufffd", "")
			g.takeText(t, want)
			if strings.HasSuffix(test.file, ".xml") {
				got := body(t, g.get(t, "/ps/api/clients/"+test.client+"/webhooks.xml"))
				if diff := cmp.Diff(parseXML(t, want), parseXML(t, got)); diff != "" {
					t.Errorf("(-before +after)\n%s", diff)
				}
				return
			}
			got := body(t, g.get(t, "/ps/api/clients/"+test.client+"/webhooks.json"))
			if diff := cmp.Diff(parseJSON(t, want), parseJSON(t, got)); diff != "" {
				t.Errorf("(-before +after)\n%s", diff)
			}
		})
	}
}

// An xmlElement is an element as an independent parser sees it.
type xmlElement struct {
	XMLName  xml.Name
	Attrs    []xml.Attr   `xml:",any,attr"`
	Children []xmlElement `xml:",any"`
	Text     string       `xml:",chardata"`
	// Attributes are Attrs without their order.
	Attributes map[string]string `xml:"-"`
}

func parseXML(t testing.TB, text string) xmlElement {
	t.Helper()
	var e xmlElement
	if err := xml.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	e.normalise()
	return e
}

func (e *xmlElement) normalise() {
	e.Attributes = map[string]string{}
	for _, a := range e.Attrs {
		e.Attributes[a.Name.Local] = a.Value
	}
	e.Attrs = nil
	e.Text = strings.TrimSpace(e.Text)
	for i := range e.Children {
		e.Children[i].normalise()
	}
}

// flat is the element in the form of JSON, with all values as texts.
func (e *xmlElement) flat() map[string]any {
	m := map[string]any{}
	for name, value := range e.Attributes {
		words := strings.Split(name, "-")
		for i, w := range words[1:] {
			words[i+1] = strings.ToUpper(w[:1]) + w[1:]
		}
		m[strings.Join(words, "")] = value
	}
	for _, c := range e.Children {
		if len(c.Attributes) == 0 {
			m[c.XMLName.Local] = c.Text
			continue
		}
		m[c.XMLName.Local] = c.flat()
	}
	return m
}

func parseJSON(t testing.TB, text string) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// texts turns all values into texts. XML has no U+FFFE.
func texts(m map[string]any) map[string]any {
	for name, value := range m {
		switch v := value.(type) {
		case map[string]any:
			texts(v)
		case string:
			m[name] = strings.ReplaceAll(v, "\ufffe", "\ufffd")
		case bool:
			m[name] = map[bool]string{true: "true", false: "false"}[v]
		case json.Number:
			m[name] = v.String()
		}
	}
	return m
}
