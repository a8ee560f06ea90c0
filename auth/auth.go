// Package auth tells who is calling: it checks admin keys, API keys and the
// tokens of an OpenID Connect provider, and returns the hook.Viewer they stand
// for. It also keeps the gateway's own keys in the data folder.
package auth

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"

	"github.com/google/uuid"

	"github.com/hookgraph/hookgraph/hook"
)

// A Service knows the API keys and the members. *hook.Service is one.
type Service interface {
	// AuthenticateKey returns the viewer of an API key and the key itself;
	// UNAUTHENTICATED if the key is unknown or the secret wrong.
	AuthenticateKey(ctx context.Context, id string, secret hook.Secret) (*hook.Viewer, *hook.APIKey, error)
	// AuthenticateSubject returns the viewer of the member that a verified token
	// names. An unknown one is made if create is set, else UNAUTHENTICATED.
	AuthenticateSubject(ctx context.Context, claims hook.Claims, create bool) (*hook.Viewer, error)
}

// Options say which credentials are accepted.
type Options struct {
	// AdminKey is the key that may do everything: 32 to 256 of the characters
	// A-Z a-z 0-9 _ -. It is required; AdminKey makes one.
	AdminKey hook.Secret
	// JWT is the provider whose tokens are accepted; the zero value accepts none.
	JWT JWT
	// Log is told when the provider's keys cannot be fetched, and when they can
	// again. The default discards.
	Log *slog.Logger
}

// maxToken is the longest token that is looked at, in bytes. Tokens with many
// claims have a few kilobytes.
const maxToken = 16 << 10

// An Authenticator checks credentials. It is safe for concurrent use.
type Authenticator struct {
	service  Service
	adminKey hook.Secret
	tokens   *verifier // nil if no provider is configured
}

// New returns the Authenticator for the options. Its error is one line that
// names the setting that is wrong; it never shows a key. New reaches no
// network: the provider's keys are fetched when the first token needs them.
func New(service Service, options Options) (*Authenticator, error) {
	if err := checkAdminKey(options.AdminKey); err != nil {
		return nil, fmt.Errorf("the admin key %w", err)
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	tokens, err := newVerifier(options.JWT, options.Log)
	if err != nil {
		return nil, err
	}
	return &Authenticator{service: service, adminKey: options.AdminKey, tokens: tokens}, nil
}

// Bearer returns the viewer of a token: the admin key, the token of an API key
// (hg_, its UUID, _, its secret), or a JWT. The error is UNAUTHENTICATED for a
// token that is not valid, without saying why, and UNAVAILABLE for one that
// cannot be checked now.
func (a *Authenticator) Bearer(ctx context.Context, token hook.Secret) (*hook.Viewer, error) {
	text := token.Reveal()
	if text == "" || len(text) > maxToken {
		return nil, badCredential()
	}
	if a.adminKey.Equal(token) {
		return hook.AdminViewer(), nil
	}
	if rest, ok := strings.CutPrefix(text, hook.TokenPrefix); ok {
		id, secret, _ := strings.Cut(rest, "_")
		viewer, _, err := a.key(ctx, id, hook.Secret(secret))
		return viewer, err
	}
	if a.tokens == nil || strings.Count(text, ".") != 2 {
		return nil, badCredential()
	}
	claims, err := a.tokens.verify(ctx, text)
	if err != nil {
		return nil, err
	}
	viewer, err := a.service.AuthenticateSubject(ctx, claims, a.tokens.createMembers)
	if err != nil {
		return nil, sameRefusal(err)
	}
	return viewer, nil
}

// Key returns the viewer of an API key that is sent as its id and secret
// instead of a token. Only long-lived keys may be (Entrust, section 4). The
// errors are those of Bearer.
func (a *Authenticator) Key(ctx context.Context, id string, secret hook.Secret) (*hook.Viewer, error) {
	// A UUID is the same in either case when it is read (RFC 9562, section 4).
	viewer, key, err := a.key(ctx, strings.ToLower(id), secret)
	if err != nil {
		return nil, err
	}
	if !key.LongLived {
		return nil, badCredential()
	}
	return viewer, nil
}

func (a *Authenticator) key(ctx context.Context, id string, secret hook.Secret) (*hook.Viewer, *hook.APIKey, error) {
	if parsed, err := uuid.Parse(id); err != nil || parsed.String() != id || !isRandomToken(secret.Reveal()) {
		return nil, nil, badCredential()
	}
	viewer, key, err := a.service.AuthenticateKey(ctx, id, secret)
	if err != nil {
		return nil, nil, sameRefusal(err)
	}
	return viewer, key, nil
}

// isRandomToken reports whether the text is 32 bytes in unpadded base64url.
func isRandomToken(text string) bool {
	random, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && len(random) == 32 && len(text) == 43 // the decoder skips line ends
}

// badCredential is one sentence for all that can be wrong with a credential:
// more would help those who guess.
func badCredential() error {
	return &hook.Error{Code: hook.Unauthenticated, Message: "the credential is not valid"}
}

func sameRefusal(err error) error {
	if hook.CodeOf(err) == hook.Unauthenticated {
		return badCredential()
	}
	return err
}
