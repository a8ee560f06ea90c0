package hook_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/hookgraph/hookgraph/hook"
)

const planted = "planted-5ecret"

// plant sets every secret of a value, however deep, and returns how many.
func plant(v reflect.Value) int {
	switch v.Interface().(type) {
	case hook.Secret:
		v.SetString(planted)
		return 1
	case hook.Sealed:
		v.SetBytes([]byte(planted))
		return 1
	}
	n := 0
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() && v.Type().Elem().PkgPath() != "time" {
			v.Set(reflect.New(v.Type().Elem()))
		}
		if !v.IsNil() {
			n += plant(v.Elem())
		}
	case reflect.Slice:
		if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}
		for i := range v.Len() {
			n += plant(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				n += plant(v.Field(i))
			}
		}
	}
	return n
}

// However an entity is printed, logged or marshalled, its secrets are masked.
func TestSecretsAreMasked(t *testing.T) {
	t.Parallel()
	sum := 0
	for _, v := range []any{
		&hook.Member{}, &hook.Client{}, &hook.Album{}, &hook.Webhook{}, &hook.Event{}, &hook.Trigger{}, &hook.APIKey{},
		&hook.AuditEntry{}, &hook.Deletion{}, &hook.Stats{}, &hook.WebhookFields{}, &hook.ClientFields{}, &hook.HeaderFields{},
		&hook.Viewer{}, &hook.Record{}, &hook.Change{},
	} {
		sum += plant(reflect.ValueOf(v).Elem())
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		shown := log.String() + string(text)
		forms := []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"}
		if _, ok := v.(*hook.Record); ok {
			// With a verb that is wrong for a pointer, fmt shows what is behind it and
			// calls no methods.
			forms = forms[:3]
		}
		for _, form := range forms {
			shown += fmt.Sprintf(form, v) + fmt.Sprintf(form, reflect.ValueOf(v).Elem().Interface())
		}
		for _, form := range []string{
			planted, base64.StdEncoding.EncodeToString([]byte(planted)), hex.EncodeToString([]byte(planted)),
			strings.Trim(fmt.Sprint([]byte(planted)), "[]"),
		} {
			if strings.Contains(shown, form) {
				t.Errorf("%T shows its secret", v)
			}
		}
	}
	if sum < 10 {
		t.Errorf("only %d secrets were found", sum)
	}
}

func TestOneSecretIsMasked(t *testing.T) {
	t.Parallel()
	for _, secret := range []any{hook.Secret(planted), hook.Sealed(planted)} {
		for _, form := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%08b"} {
			if shown := fmt.Sprintf(form, secret); shown != "[secret]" {
				t.Errorf("%s shows %s", form, shown)
			}
		}
		if text, err := json.Marshal(map[string]any{"s": secret}); err != nil || string(text) != `{"s":"[secret]"}` {
			t.Errorf("%s, %v", text, err)
		}
	}
	if text, err := xml.Marshal(hook.Secret(planted)); err != nil || strings.Contains(string(text), planted) {
		t.Errorf("%s, %v", text, err)
	}
	if !hook.Secret("a").Equal("a") || hook.Secret("a").Equal("b") || hook.Secret("a").Equal("") {
		t.Error("Equal is wrong")
	}
}

// No secret is in the audit log, in what is stored, or in what comes back.
func TestSecretsAreNotStored(t *testing.T) {
	t.Parallel()
	h := open(t)
	value := hook.Secret(planted)
	fields := example(hook.Kheops, "w")
	fields.Secret = hook.Set(value)
	fields.Headers = hook.Set([]hook.HeaderFields{{Name: "Authorization", Value: &value}})
	w, _, err := h.CreateWebhook(h.admin, hook.Kheops, h.album("a", nil).GetID(), fields)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.SetWebhookSecret(h.admin, w.Key, nil, planted+"2"); err != nil {
		t.Fatal(err)
	}
	c, secret, err := h.CreateClient(h.admin, hook.ClientFields{Name: hook.Set("c"), WebhookSecret: hook.Set(value)})
	if err != nil {
		t.Fatal(err)
	}
	k, token, err := h.CreateAPIKey(h.admin, hook.APIKeyFields{Name: "k", Permissions: []hook.Permission{"ALL"}})
	if err != nil {
		t.Fatal(err)
	}
	stored := []any{
		must[*hook.Webhook](t)(h.Webhook(h.admin, w.Key)), must[*hook.Client](t)(h.Client(h.admin, c.Key)),
		must[[]*hook.APIKey](t)(h.APIKeysByKey(h.admin, []string{k.Key}))[0],
	}
	for _, entry := range h.audit() {
		stored = append(stored, entry)
	}
	secretPart := token.Reveal()[len(hook.TokenPrefix)+len(k.Key)+1:]
	for _, v := range stored {
		raw := rawBytes(reflect.ValueOf(v).Elem())
		for _, s := range []string{planted, secret.Reveal(), secretPart} {
			if bytes.Contains(raw, []byte(s)) {
				t.Errorf("%T holds a secret", v)
			}
		}
	}
}

// rawBytes returns every text and byte of a value.
func rawBytes(v reflect.Value) (raw []byte) {
	switch v.Kind() {
	case reflect.String:
		return []byte(v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			return rawBytes(v.Elem())
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Bytes()
		}
		for i := range v.Len() {
			raw = append(raw, rawBytes(v.Index(i))...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			raw = append(append(raw, rawBytes(v.Field(i))...), 0)
		}
	}
	return raw
}
