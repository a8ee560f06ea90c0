package hook

import (
	"context"
	"crypto/rand"
	"encoding/hex"
)

// handshakeBytes give the ten hexadecimal digits of PageSeeder's example
// (section 7). Whoever knows them can confirm a ping, nothing else.
const handshakeBytes = 5

// NewHandshake returns what a receiver must send back to a ping.
func NewHandshake() Secret {
	var b [handshakeBytes]byte
	rand.Read(b[:])
	return Secret(hex.EncodeToString(b[:]))
}

// AwaitsPing reports whether the webhook's receiver has not confirmed yet that it
// wants to be one: until then it gets nothing but the ping.
func (w *Webhook) AwaitsPing() bool { return w.Dialect == PageSeeder && w.Health == HealthPending }

func (s *Service) sealHandshake(fields *WebhookFields, w *Webhook) {
	if w.Dialect != PageSeeder {
		return
	}
	handshake := fields.Handshake.Value
	if !fields.Handshake.Given {
		handshake = NewHandshake()
	}
	w.Handshake = s.vault.Seal(w.GetID(), handshake)
}

// PingWebhook sends a PageSeeder webhook its ping by send, and makes it ACTIVE
// if it was PENDING and send succeeds. An error of send is returned as it is and
// changes nothing. Modified stays: nobody changed the webhook by hand. A webhook
// without a handshake, such as an imported one, gets a new one.
func (s *Service) PingWebhook(ctx context.Context, key string, send func(w *Webhook, handshake Secret) error) (*Webhook, error) {
	v, err := needOwned(ctx, Webhooks, Edit)
	if err != nil {
		return nil, err
	}
	w, err := s.store.Webhooks().Get(ctx, key)
	switch {
	case err != nil:
		return nil, err
	case w == nil:
		return nil, Missing(KindWebhook)
	}
	if err := s.permitOwned(ctx, v, KindWebhook, w.OwnerID(), Webhooks, Edit); err != nil {
		return nil, err
	}
	if w.Dialect != PageSeeder {
		return nil, Invalidf("dialect", "only PageSeeder webhooks are pinged")
	}
	handshake, sealed := NewHandshake(), w.Handshake
	if len(sealed) > 0 {
		if handshake, err = s.vault.Open(w.GetID(), sealed); err != nil {
			return nil, err
		}
	} else {
		sealed = s.vault.Seal(w.GetID(), handshake)
	}
	if err := send(w, handshake); err != nil {
		return nil, err
	}
	return s.pinged(ctx, w, sealed)
}

// pinged stores that a ping was confirmed, unless the webhook has another URL by
// now.
func (s *Service) pinged(ctx context.Context, w *Webhook, handshake Sealed) (*Webhook, error) {
	for try := 0; ; try++ {
		next := *w
		if len(next.Handshake) == 0 {
			next.Handshake = handshake
		}
		if next.Health == HealthPending {
			next.Health, next.HealthReason = HealthActive, ""
		}
		if next.Health == w.Health && len(w.Handshake) > 0 {
			return w, nil
		}
		entry := auditEntry(ctx, "pingWebhook", w.GetID(), auditChanges(w, &next))
		err := s.store.Write(ctx, replace(&next), insert(entry))
		if err == nil {
			return &next, nil
		}
		if CodeOf(err) != Stale || try == maxRetries {
			return nil, err
		}
		if err := pause(ctx, try); err != nil {
			return nil, err
		}
		now, err := s.store.Webhooks().Get(ctx, w.Key)
		switch {
		case err != nil:
			return nil, err
		case now == nil:
			return nil, Missing(KindWebhook)
		case now.URL != w.URL:
			return now, nil
		}
		w = now
	}
}
