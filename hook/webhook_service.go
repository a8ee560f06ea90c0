package hook

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WebhookFields are the fields of a webhook that a caller gives; absent ones
// keep their value, or get the dialect's default for a new webhook.
type WebhookFields struct {
	Name          Patch[string]
	URL           Patch[string]
	Subscriptions Patch[[]Subscription]
	Enabled       Patch[bool]
	ExpiresAt     Patch[*time.Time]
	Format        Patch[PayloadFormat]
	Detail        Patch[PayloadDetail]
	VerifyTLS     Patch[bool]
	ServerEvents  Patch[bool]
	Projects      Patch[[]string]
	Groups        Patch[[]string]
	RetryPolicy   Patch[*RetryPolicy]
	// Headers replace all of the webhook's own headers. A header without a value
	// keeps the value that it has.
	Headers Patch[[]HeaderFields]
	// Secret is for new webhooks: that of the receiver instead of one made here.
	Secret Patch[Secret]
	// Handshake is for new PageSeeder webhooks, instead of one made here.
	Handshake Patch[Secret]
	// Health is given where a dialect lets people set it by hand.
	Health Patch[Health]
	// Owner moves a webhook. The viewer must be allowed to add webhooks there.
	Owner Patch[ID]
	// KeepUnknown takes subscriptions to types that the catalogue of PageSeeder
	// lacks: its API ignores them instead of refusing them (section 5).
	KeepUnknown bool
}

// HeaderFields are a header with its value in clear.
type HeaderFields struct {
	Name  string
	Value *Secret
}

func (f *WebhookFields) apply(w *Webhook) {
	f.Name.apply(&w.Name)
	f.URL.apply(&w.URL)
	f.Enabled.apply(&w.Enabled)
	f.Format.apply(&w.Format)
	f.Detail.apply(&w.Detail)
	f.VerifyTLS.apply(&w.VerifyTLS)
	f.ServerEvents.apply(&w.ServerEvents)
	f.Projects.apply(&w.Projects)
	f.Groups.apply(&w.Groups)
	f.RetryPolicy.apply(&w.RetryPolicy)
	if f.Health.Given {
		w.Health, w.HealthReason = f.Health.Value, ""
	}
	if f.ExpiresAt.Given {
		w.ExpiresAt = instant(f.ExpiresAt.Value)
	}
	if w.Dialect == Kheops {
		w.Name = trimKheops(w.Name)
	}
	if f.Subscriptions.Given {
		w.Subscriptions = f.subscriptions(w.Subscriptions)
	}
}

// trimKheops trims a name as Kheops does (section 3, E2).
func trimKheops(s string) string { return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' }) }

// subscriptions drops repeated patterns and keeps the ids of subscriptions that
// stay as they were.
func (f *WebhookFields) subscriptions(old []Subscription) []Subscription {
	var list []Subscription
	for _, sub := range f.Subscriptions.Value {
		same := func(o Subscription) bool { return o.Pattern == sub.Pattern && o.Filter == sub.Filter }
		if slices.ContainsFunc(list, same) {
			continue
		}
		if i := slices.IndexFunc(old, same); i >= 0 && sub.ID == "" {
			sub.ID = old[i].ID
		}
		if sub.ID == "" {
			sub.ID = newUUID()
		}
		list = append(list, sub)
	}
	return list
}

// applyHeaders seals the values of the webhook's own headers.
func (s *Service) applyHeaders(fields *WebhookFields, w *Webhook) error {
	if !fields.Headers.Given {
		return nil
	}
	if len(fields.Headers.Value) > maxHeaders {
		return Invalidf("headers", "at most %d are allowed", maxHeaders)
	}
	var headers []Header
	for i, h := range fields.Headers.Value {
		at := "headers." + strconv.Itoa(i)
		same := func(o Header) bool { return strings.EqualFold(o.Name, h.Name) }
		if slices.ContainsFunc(headers, same) {
			return Invalidf(at+".name", "%q occurs twice", clip(h.Name))
		}
		value := Sealed(nil)
		if h.Value != nil {
			if err := validHeader(at, h.Name, *h.Value); err != nil {
				return err
			}
			value = s.vault.Seal(w.GetID(), *h.Value)
		} else if j := slices.IndexFunc(w.Headers, same); j >= 0 {
			value = w.Headers[j].Value
		} else {
			return Invalidf(at+".value", "a new header needs a value")
		}
		headers = append(headers, Header{h.Name, value})
	}
	w.Headers = headers
	return nil
}

// newWebhook returns a webhook with the defaults of its dialect.
func (s *Service) newWebhook(ctx context.Context, d Dialect, owner ID) (*Webhook, error) {
	now := Now()
	w := &Webhook{
		Meta: Meta{Created: now}, Dialect: d, Owner: owner.String(), Enabled: true, Health: HealthActive, SecretState: SecretNone,
		Format: FormatJSON, Detail: DetailMinimal, VerifyTLS: true,
		CreatedBy: viewerName(ctx), Modified: now, ModifiedBy: viewerName(ctx),
	}
	switch d {
	case PageSeeder:
		number, err := newNumber(ctx, s, s.store.Webhooks())
		if err != nil {
			return nil, err
		}
		w.Number, w.Key = number, numberKey(number)
		w.Format, w.Health = FormatXML, HealthPending
		w.Subscriptions = []Subscription{{ID: newUUID(), Pattern: PatternAny}}
	case Kheops:
		w.Key = newKey(webhookKeyLength)
	default:
		w.Key = newUUID()
	}
	return w, nil
}

// CreateWebhook makes a webhook of an owner. The secret is the one it was given
// or that was made for it, to be shown once; empty if it has none.
func (s *Service) CreateWebhook(ctx context.Context, d Dialect, owner ID, fields WebhookFields) (*Webhook, Secret, error) {
	v, err := needOwned(ctx, Webhooks, Add)
	if err != nil {
		return nil, "", err
	}
	if !slices.Contains(Dialects, d) {
		return nil, "", Invalidf("dialect", "%q is not a dialect", clip(string(d)))
	}
	if err := (&Webhook{Dialect: d, Owner: owner.String()}).validateOwner(); err != nil {
		return nil, "", err
	}
	if err := s.permitOwner(ctx, v, owner, Webhooks, Add); err != nil {
		return nil, "", err
	}
	w, err := s.newWebhook(ctx, d, owner)
	if err != nil {
		return nil, "", err
	}
	fields.apply(w)
	if err := w.validate(fields.known(nil, w)); err != nil {
		return nil, "", err
	}
	if err := s.applyHeaders(&fields, w); err != nil {
		return nil, "", err
	}
	s.sealHandshake(&fields, w)
	secret := fields.Secret.Value
	if !fields.Secret.Given {
		secret = newWebhookSecret(d)
	}
	if err := s.seal(w, secret, fields.Secret.Given); err != nil {
		return nil, "", err
	}
	if err := s.insertWebhook(ctx, w); err != nil {
		return nil, "", err
	}
	// An owner that was deleted meanwhile may have looked for its children before
	// this one was there.
	exists, err := s.ownerExists(ctx, owner)
	if err == nil && !exists {
		gone := deleteNode(ctx, s, s.store.Webhooks(), KindWebhook, w.Key, nil, "deleteWebhook", func(*Webhook) error { return nil })
		if gone != nil && CodeOf(gone) != NotFound {
			return nil, "", gone
		}
		return nil, "", Missing(owner.Kind)
	}
	return w, secret, nil
}

// UpdateWebhook changes a webhook.
func (s *Service) UpdateWebhook(ctx context.Context, key string, version *int64, fields WebhookFields) (*Webhook, error) {
	return s.updateWebhook(ctx, key, version, "updateWebhook", func(w *Webhook) error { return s.applyFields(ctx, &fields, w) })
}

// mayEnable refuses to turn on what would stay off (Entrust, section 12, no. 15).
func (w *Webhook) mayEnable() error {
	if w.Expired() {
		return Conflictf("expiresAt", "the webhook has expired: give it a new expiry date first")
	}
	return nil
}

// EnableWebhook turns a webhook on or off. Turning on one that has expired needs
// a new expiry date.
func (s *Service) EnableWebhook(ctx context.Context, key string, enabled bool) (*Webhook, error) {
	operation := "disableWebhook"
	if enabled {
		operation = "enableWebhook"
	}
	return s.updateWebhook(ctx, key, nil, operation, func(w *Webhook) error {
		if w.Enabled = enabled; !enabled {
			return nil
		}
		return w.mayEnable()
	})
}

func (s *Service) updateWebhook(ctx context.Context, key string, version *int64, operation string, change func(*Webhook) error) (*Webhook, error) {
	v, err := needOwned(ctx, Webhooks, Edit)
	if err != nil {
		return nil, err
	}
	return update(ctx, s, s.store.Webhooks(), KindWebhook, key, version, operation, func(w *Webhook) error {
		if err := s.permitOwned(ctx, v, KindWebhook, w.OwnerID(), Webhooks, Edit); err != nil {
			return err
		}
		return change(w)
	})
}

// Webhook returns a webhook.
func (s *Service) Webhook(ctx context.Context, key string) (*Webhook, error) {
	return one(ctx, KindWebhook, key, s.WebhooksByKey)
}

// WebhooksByKey returns webhooks in the order of the keys, nil for those that
// the viewer may not see.
func (s *Service) WebhooksByKey(ctx context.Context, keys []string) ([]*Webhook, error) {
	v, err := needOwned(ctx, Webhooks, View)
	if err != nil {
		return nil, err
	}
	webhooks, err := s.store.Webhooks().GetMany(ctx, keys)
	if err != nil {
		return nil, err
	}
	return webhooks, hide(ctx, s, v, webhooks, Webhooks, func(w *Webhook) string { return w.Owner })
}
