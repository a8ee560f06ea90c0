package main

import (
	"cmp"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/hookgraph/hookgraph/auth"
	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/dialect/entrust"
	"github.com/hookgraph/hookgraph/hook"
)

// The commands.
const (
	commandServe   = "serve"
	commandImport  = "import"
	commandBackup  = "backup"
	commandVersion = "version"
)

// A config is what the process was told, checked.
type config struct {
	command  string
	data     string
	mongodb  hook.Secret // empty: the embedded database
	key      hook.Secret // empty: the one in the data folder
	adminKey hook.Secret // empty: the one in the data folder
	location *time.Location
	// accountID is empty for the one in the database; entrustLimit is that of the
	// service.
	accountID    string
	entrustLimit int
	// entrust is how its dialect decides what the original leaves open.
	entrust entrust.Options
	jsonLog bool
	unknown []string // variables that look like settings

	// serve
	addr      string
	publicURL string // without a slash at the end; empty if it is the address
	reachedAt string // that or the address, once it is known
	jwt       auth.JWT
	// allowPrivate are the networks that the guard of deliveries opens.
	allowPrivate []netip.Prefix
	// retention is how long what has ended is kept, retentionSize how large the
	// embedded database may get; 0 for any. minFree is how much of its disk is
	// free at least; 0 for anything.
	retention              time.Duration
	retentionSize, minFree int64
	// introspection shows the schema; pages of origins may use GraphQL.
	introspection bool
	trusted       map[string]string // nil: none
	trustedOnly   bool
	draftStatuses bool
	origins       []string

	// import
	as, album string
	headers   [][2]string

	// import, backup
	file string
}

// check returns the settings of a command. Empty flags stand for their defaults.
func (f *flags) check(command string) (*config, error) {
	c := &config{
		command: command, data: cmp.Or(f.Data, "./data"), mongodb: f.MongoDB, key: f.Key, adminKey: f.AdminKey,
		jsonLog: f.LogFormat == "json",
	}
	if f.LogFormat != "" && f.LogFormat != "text" && f.LogFormat != "json" {
		return nil, wrong("--log-format: must be text or json, not %q", f.LogFormat)
	}
	var err error
	if c.location, err = time.LoadLocation(cmp.Or(f.Timezone, "UTC")); err != nil || f.Timezone == "Local" {
		return nil, wrong("--timezone: %q is not the name of a time zone, such as Europe/Zurich", f.Timezone)
	}
	if err := c.checkKeys(); err != nil {
		return nil, err
	}
	if err := f.checkEntrust(c); err != nil {
		return nil, err
	}
	switch command {
	case commandServe:
		return c, f.checkServe(c)
	case commandImport:
		return c, f.checkImport(c)
	case commandBackup:
		c.file = f.Backup.File
		if c.mongodb != "" {
			return nil, wrong("backup copies the embedded database; use mongodump for MongoDB")
		}
	}
	return c, nil
}

// checkKeys refuses given keys that are malformed.
func (c *config) checkKeys() error {
	if c.mongodb != "" && c.key == "" {
		return wrong("--mongodb needs HOOKGRAPH_KEY: every gateway on that database must have the same key (make one with: openssl rand -hex 32)")
	}
	if c.key != "" {
		if _, err := auth.DataKey("", c.key); err != nil {
			return wrong("%v", err)
		}
	}
	if c.adminKey != "" {
		if _, _, err := auth.AdminKey("", c.adminKey); err != nil {
			return wrong("%v", err)
		}
	}
	return nil
}

var (
	tokenForms = map[string]entrust.TokenForm{"": entrust.PrefixedToken, "prefixed": entrust.PrefixedToken, "plain": entrust.PlainToken}
	signatures = map[string]entrust.Signatures{
		"": entrust.BothSignatures, "both": entrust.BothSignatures, "message": entrust.MessageSignatures, "body": entrust.BodySignature,
	}
)

func (f *flags) checkEntrust(c *config) error {
	if f.AccountID != "" {
		id, err := uuid.Parse(f.AccountID)
		if err != nil || len(f.AccountID) != len(id.String()) {
			return wrong("--account-id: %q is not a UUID", f.AccountID)
		}
		c.accountID = id.String()
	}
	if f.EntrustLimit < 0 || f.EntrustLimit > hook.MaxEntrustLimit {
		return wrong("--entrust-limit: must be between 0 and %d", hook.MaxEntrustLimit)
	}
	if c.entrustLimit = f.EntrustLimit; c.entrustLimit == 0 {
		c.entrustLimit = -1
	}
	var known bool
	if c.entrust.TokenForm, known = tokenForms[f.EntrustToken]; !known {
		return wrong("--entrust-token: must be prefixed or plain, not %q", f.EntrustToken)
	}
	if c.entrust.Signatures, known = signatures[f.Serve.Signatures]; !known {
		return wrong("--entrust-signatures: must be both, message or body, not %q", f.Serve.Signatures)
	}
	return nil
}

func (f *flags) checkServe(c *config) error {
	s := f.Serve
	c.addr = cmp.Or(s.Addr, "127.0.0.1:8080")
	if _, port, err := net.SplitHostPort(c.addr); err != nil || !isPort(port) {
		return wrong("--addr: %q is not HOST:PORT", c.addr)
	}
	if s.PublicURL != "" {
		if c.publicURL = origin(strings.TrimSuffix(s.PublicURL, "/")); c.publicURL == "" {
			return wrong("--public-url: must be http or https and a host, without a path: https://hooks.example.org")
		}
	}
	c.introspection, c.draftStatuses = s.Introspection, s.DraftStatuses
	c.trustedOnly = s.TrustedOnly
	var err error
	if c.trusted, err = readTrusted(s.TrustedDocuments, s.TrustedOnly); err != nil {
		return err
	}
	if c.allowPrivate, err = delivery.ParseNetworks(s.AllowPrivate); err != nil {
		return wrong("--allow-private: %v", err)
	}
	if err := f.checkRetention(c); err != nil {
		return err
	}
	for _, given := range s.CORSOrigins {
		given = strings.TrimSpace(given)
		if given == "" {
			continue
		}
		if given != "*" && origin(given) == "" {
			return wrong("--cors-origins: %q is not an origin, such as https://app.example.org, nor *", given)
		}
		c.origins = append(c.origins, given)
	}
	c.jwt = auth.JWT{
		Issuer: s.JWTIssuer, JWKSURL: s.JWTJWKS, Key: s.JWTKey, Audience: s.JWTAudience, CreateMembers: s.JWTCreateMembers,
	}
	// The key does not matter here: New checks the other settings.
	if _, err := auth.New(nil, auth.Options{AdminKey: hook.Secret(strings.Repeat("-", 32)), JWT: c.jwt}); err != nil {
		return wrong("%v", err)
	}
	return nil
}

// origin returns the address of a host, or nothing if the text is anything else.
func origin(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Scheme+"://"+u.Host != text {
		return ""
	}
	return text
}

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= 0 && n < 1<<16
}

func (f *flags) checkImport(c *config) error {
	i := f.Import
	c.as, c.album, c.file = i.As, i.Album, i.File
	remote := isAddress(i.File)
	if remote {
		if err := checkSource(i.File); err != nil {
			return err
		}
	}
	if !remote && len(i.Headers) > 0 {
		return wrong("--header is for a list at an https address")
	}
	for _, line := range i.Headers {
		name, value, found := strings.Cut(line, ":")
		if !found || !isToken(name) || strings.ContainsAny(value, "\r\n\x00") {
			// The value may be a secret.
			return wrong(`--header: must be "NAME: VALUE"`)
		}
		c.headers = append(c.headers, [2]string{name, strings.TrimSpace(value)})
	}
	return nil
}

// isToken reports whether the text can be the name of a header (RFC 9110,
// section 5.6.2).
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// logger returns the log of the process.
func (c *config) logger(s streams) *slog.Logger {
	if c.jsonLog {
		return slog.New(slog.NewJSONHandler(s.err, nil))
	}
	return slog.New(slog.NewTextHandler(s.err, nil))
}
