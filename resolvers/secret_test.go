package resolvers_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/codegen/config"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/hookgraph/hookgraph/graph"
	"github.com/hookgraph/hookgraph/hook"
)

// shownOnce are the fields that show a new secret, by an owner of their own.
var shownOnce = []string{"CreateClientPayload.clientSecret", "CreateWebhookPayload.secret", "RotateWebhookSecretPayload.secret", "CreateApiKeyPayload.token"}

// TestNoFieldIsASecret walks the schema and, with it, the Go types that answer
// it, from the methods of the resolvers on: no field reads a secret, a sealed
// one, or bytes such as a hash.
func TestNoFieldIsASecret(t *testing.T) {
	t.Parallel()
	c, err := config.LoadConfig("../gqlgen.yml")
	if err != nil {
		t.Fatal(err)
	}
	w := walk{schema: schema(), config: c, seen: map[string]bool{}}
	root := reflect.TypeFor[graph.ResolverRoot]()
	w.resolvers = map[string]reflect.Type{}
	for i := range root.NumMethod() {
		m := root.Method(i)
		w.resolvers[m.Name] = m.Type.Out(0)
	}
	w.object(t, "Query", nil)
	w.object(t, "Mutation", nil)
	w.object(t, "Subscription", nil)
	for name, def := range w.schema.Types {
		if def.Kind == ast.Object && !strings.HasPrefix(name, "__") && !w.seen[name] {
			t.Errorf("the walk did not come by %s", name)
		}
	}
	if len(w.fields) < 300 {
		t.Errorf("only %d fields were looked at", len(w.fields))
	}
}

type walk struct {
	schema    *ast.Schema
	config    *config.Config
	resolvers map[string]reflect.Type
	seen      map[string]bool
	fields    []string
}

// object looks at the fields of a type of the schema that Go's bound answers.
func (w *walk) object(t *testing.T, name string, bound reflect.Type) {
	if w.seen[name] {
		return
	}
	w.seen[name] = true
	for _, f := range w.schema.Types[name].Fields {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		result := w.answers(name, f.Name, bound)
		if result == nil {
			t.Errorf("nothing is bound to %s.%s", name, f.Name)
			continue
		}
		w.fields = append(w.fields, name+"."+f.Name)
		for result.Kind() == reflect.Pointer || result.Kind() == reflect.Chan || result.Kind() == reflect.Slice && result.Elem().Kind() != reflect.Uint8 {
			result = result.Elem()
		}
		if result == reflect.TypeFor[hook.Secret]() || result.Kind() == reflect.Slice {
			t.Errorf("%s.%s answers with %s", name, f.Name, result)
		}
		lower := strings.ToLower(f.Name)
		if f.Type.Name() == "String" && (strings.Contains(lower, "secret") || strings.Contains(lower, "hash") || strings.Contains(lower, "token")) &&
			!slices.Contains(shownOnce, name+"."+f.Name) {
			t.Errorf("%s.%s looks as if it showed a secret", name, f.Name)
		}
		switch def := w.schema.Types[f.Type.Name()]; def.Kind {
		case ast.Object:
			w.object(t, def.Name, result)
		case ast.Interface, ast.Union:
			for _, possible := range w.schema.GetPossibleTypes(def) {
				w.object(t, possible.Name, entityOf(possible.Name))
			}
		}
	}
}

// entityOf is the Go type of a node.
func entityOf(name string) reflect.Type {
	return map[string]reflect.Type{
		"Member": reflect.TypeFor[hook.Member](), "Client": reflect.TypeFor[hook.Client](), "Album": reflect.TypeFor[hook.Album](),
		"Webhook": reflect.TypeFor[hook.Webhook](), "Event": reflect.TypeFor[hook.Event](), "Trigger": reflect.TypeFor[hook.Trigger](),
		"ApiKey": reflect.TypeFor[hook.APIKey](), "AuditEntry": reflect.TypeFor[hook.AuditEntry](),
	}[name]
}

// answers is the type of what answers a field: a method of the type's resolver,
// or what the generator binds in the Go type, by the name in gqlgen.yml or one
// that is equal ignoring case.
func (w *walk) answers(name, field string, bound reflect.Type) reflect.Type {
	goName := w.config.Models[name].Fields[field].FieldName
	if goName == "" {
		goName = field
	}
	if r := w.resolvers[name]; r != nil {
		for i := range r.NumMethod() {
			if strings.EqualFold(r.Method(i).Name, field) {
				return r.Method(i).Type.Out(0)
			}
		}
	}
	if bound == nil {
		return nil
	}
	pointer := reflect.PointerTo(bound)
	for i := range pointer.NumMethod() {
		if strings.EqualFold(pointer.Method(i).Name, goName) {
			return pointer.Method(i).Type.Out(0)
		}
	}
	if bound.Kind() == reflect.Struct {
		if f, found := bound.FieldByNameFunc(func(n string) bool { return strings.EqualFold(n, goName) }); found {
			return f.Type
		}
	}
	return nil
}

// TestNoAnswerHoldsASecret asks for all there is of each object, through every
// list and through nodes.
func TestNoAnswerHoldsASecret(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	var forms []string
	for _, secret := range hiddenTexts {
		b := []byte(secret)
		forms = append(forms, secret, base64.StdEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b), hex.EncodeToString(b))
	}
	for _, kind := range []string{"Member", "Client", "Album", "Webhook", "Event", "Trigger", "ApiKey", "AuditEntry"} {
		query := fmt.Sprintf(`query($ids: [ID!]!) { nodes(ids: $ids) { ... on %s %s } }`, kind, everything(schema(), kind, 3))
		ids := map[string][]string{"Member": {"Member:10"}, "Client": {"Client:20", "Client:21"}, "Album": {"Album:" + lungs}, "Webhook": {"Webhook:" + orders, "Webhook:700"},
			"Event": {"Event:" + ordered}, "Trigger": {"Trigger:" + delivered}, "ApiKey": {"ApiKey:" + boundKey}, "AuditEntry": {"AuditEntry:" + firstEntry}}[kind]
		a := g.get(t, admin(), query, vars{"ids": ids})
		if a.at("nodes", 0) == nil || len(a.raw) < 200 {
			t.Errorf("%s: %s", kind, a.raw)
		}
		for _, form := range forms {
			if strings.Contains(a.raw, form) {
				t.Errorf("%s shows %q", kind, form)
			}
		}
	}
}

// everything selects all fields of a type that need no argument, down to a
// depth.
func everything(s *ast.Schema, name string, depth int) string {
	var b strings.Builder
	b.WriteString("{ __typename")
	for _, f := range s.Types[name].Fields {
		def := s.Types[f.Type.Name()]
		switch {
		case strings.HasPrefix(f.Name, "__"):
		case def.Kind == ast.Scalar || def.Kind == ast.Enum:
			b.WriteString(" " + f.Name)
		case depth > 0 && def.Kind == ast.Object:
			args := ""
			if f.Arguments.ForName("first") != nil {
				args = "(first: 2)"
			}
			b.WriteString(" " + f.Name + args + " " + everything(s, def.Name, depth-1))
		}
	}
	return b.String() + " }"
}

// A new secret is in the answer of the mutation that made it, and nowhere else:
// not in later answers, not in the audit log, not in the log.
func TestSecretsAreShownOnce(t *testing.T) {
	t.Parallel()
	g := openSeeded(t)
	a := g.get(t, admin(), `mutation {
		client: createClient(input: {name: "New", webhookSecret: "given-to-the-client"}) { clientSecret client { id } }
		made: createWebhook(input: {dialect: STANDARD, owner: {account: true}, url: "https://x.test", headers: [{name: "X-Key", value: "given-to-the-header"}]}) { secret webhook { id } }
		given: createWebhook(input: {dialect: ENTRUST, owner: {account: true}, url: "https://x.test", subscriptions: [{pattern: "*"}], secret: "given-to-the-webhook"}) { secret webhook { id } }
		rotated: rotateWebhookSecret(input: {id: "KKKKKKKKKKKKKKKKKKK1"}) { secret }
		key: createApiKey(input: {name: "k", permissions: ["ALL"]}) { token apiKey { id } }
	}`, nil)
	secrets := []string{a.text("client", "clientSecret"), a.text("made", "secret"), a.text("rotated", "secret"), a.text("key", "token"),
		strings.TrimPrefix(a.text("key", "token"), "hg_")[37:], "given-to-the-client", "given-to-the-header", "given-to-the-webhook"}
	if !strings.HasPrefix(secrets[1], "whsec_") || !strings.HasPrefix(secrets[3], "hg_"+strings.TrimPrefix(a.text("key", "apiKey", "id"), "ApiKey:")+"_") {
		t.Errorf("secrets %q", secrets)
	}
	for i, secret := range secrets[:5] {
		if len(secret) < 43 || strings.Count(a.raw, secret) != 1 {
			t.Errorf("secret %d is shown %d times", i, strings.Count(a.raw, secret))
		}
	}
	later := ""
	for kind, id := range map[string]string{"Client": a.text("client", "client", "id"), "Webhook": a.text("made", "webhook", "id"), "ApiKey": a.text("key", "apiKey", "id")} {
		answer := g.get(t, admin(), `query($id: ID!) { node(id: $id) { ... on `+kind+` `+everything(schema(), kind, 2)+` } }`, vars{"id": id})
		if answer.text("node", "id") != id {
			t.Errorf("answer %s", answer.raw)
		}
		later += answer.raw
	}
	audit := g.get(t, admin(), `{ auditEntries(first: 100) { totalCount nodes { who operation changes { field old new } } } }`, nil)
	if later += audit.raw; audit.at("auditEntries", "totalCount") != 7.0 {
		t.Errorf("audit log %s", audit.raw)
	}
	for _, secret := range secrets {
		if strings.Contains(later, secret) || strings.Contains(g.log.String(), secret) {
			t.Errorf("%q is shown again: %s", secret, later)
		}
	}
}
