package hook

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"time"
)

// The forms of secrets that are made here.
const (
	secretPrefix = "whsec_"
	secretBytes  = 32
	// RotationOverlap is how long the old secret of a rotated webhook signs
	// beside the new one.
	RotationOverlap = 24 * time.Hour
)

// newWebhookSecret returns the secret of a new webhook: "whsec_" and base64 for
// STANDARD (Standard Webhooks, symmetric secrets), "whsec_" and base64url for
// ENTRUST (section 12, no. 6). A Kheops webhook has one only if it was given
// one; PageSeeder's signature uses the client's.
func newWebhookSecret(d Dialect) Secret {
	var b [secretBytes]byte
	rand.Read(b[:])
	switch d {
	case Standard:
		return Secret(secretPrefix + base64.StdEncoding.EncodeToString(b[:]))
	case Entrust:
		return Secret(secretPrefix + base64.RawURLEncoding.EncodeToString(b[:]))
	}
	return ""
}

func validWebhookSecret(d Dialect, secret Secret) error {
	if d == PageSeeder {
		return Invalidf("secret", "PageSeeder deliveries are signed with the webhook secret of the client")
	}
	text := secret.Reveal()
	if text == "" {
		if d != Kheops {
			return Invalidf("secret", "a webhook of dialect %s needs a secret", d)
		}
		return nil
	}
	if err := validText("secret", text, maxWebhookSecret); err != nil {
		return err
	}
	if d == Standard {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, secretPrefix))
		if err != nil || !strings.HasPrefix(text, secretPrefix) || len(key) < 24 || len(key) > 64 {
			return Invalidf("secret", "must be whsec_ and the base64 of 24 to 64 bytes")
		}
	}
	return nil
}

// seal puts a secret into a webhook. given tells that a caller chose it.
func (s *Service) seal(w *Webhook, secret Secret, given bool) error {
	if given {
		if err := validWebhookSecret(w.Dialect, secret); err != nil {
			return err
		}
	}
	if secret == "" {
		w.Secret, w.SecretState = nil, SecretNone
		return nil
	}
	w.Secret, w.SecretState = s.vault.Seal(w.GetID(), secret), SecretSet
	return nil
}

// RotateWebhookSecret gives a webhook a new secret and returns it, to be shown
// once. The old one goes on signing beside it for RotationOverlap.
func (s *Service) RotateWebhookSecret(ctx context.Context, key string, version *int64) (*Webhook, Secret, error) {
	var secret Secret
	w, err := s.updateWebhook(ctx, key, version, "rotateWebhookSecret", func(w *Webhook) error {
		if w.Dialect == PageSeeder {
			return validWebhookSecret(w.Dialect, "")
		}
		if secret = newWebhookSecret(w.Dialect); secret == "" {
			secret = Secret(newToken())
		}
		w.PreviousSecret, w.PreviousSecretUntil = nil, nil
		if w.SecretState == SecretSet {
			until := Now().Add(RotationOverlap)
			w.PreviousSecret, w.PreviousSecretUntil = w.Secret, &until
		}
		return s.seal(w, secret, false)
	})
	if err != nil {
		return nil, "", err
	}
	return w, secret, nil
}

// SetWebhookSecret stores the secret that the receiver knows already; empty
// removes it where the dialect allows webhooks without one.
func (s *Service) SetWebhookSecret(ctx context.Context, key string, version *int64, secret Secret) (*Webhook, error) {
	return s.updateWebhook(ctx, key, version, "setWebhookSecret", func(w *Webhook) error {
		w.PreviousSecret, w.PreviousSecretUntil = nil, nil
		return s.seal(w, secret, true)
	})
}
