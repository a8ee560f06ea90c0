package hook

import (
	"net/netip"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The limits of webhooks. URL and name are Kheops' and Entrust's (Kheops,
// section 3, E2; Entrust, section 12, no. 11).
const (
	maxWebhookURL     = 1024
	maxSubscriptions  = 100
	maxFilter         = 10_000
	maxSubscriptionID = 64
	maxScopes         = 1000
	maxHeaders        = 20
	maxHeaderValue    = 1024
	maxWebhookSecret  = 1024
	maxRetryDelays    = 50
	maxRetryDelay     = 7 * 24 * 3600
	maxTimeout        = 300
	maxConcurrency    = 256
	maxRatePerSecond  = 10_000
)

// validate checks a webhook. known are subscriptions that it may have though the
// catalogue lacks their pattern: those that it has, or had where it comes from.
func (w *Webhook) validate(known []Subscription) error {
	if err := w.validateKey(); err != nil {
		return err
	}
	if err := w.validateOwner(); err != nil {
		return err
	}
	if w.Name == "" && w.Dialect == Kheops {
		return Invalidf("name", "must not be empty")
	}
	if err := optionalLine("name", w.Name, maxName); err != nil {
		return err
	}
	if err := validWebhookURL(w.Dialect, "url", w.URL); err != nil {
		return err
	}
	if err := w.validateSubscriptions(known); err != nil {
		return err
	}
	return w.validateDelivery()
}

func (w *Webhook) validateKey() error {
	ok := false
	switch w.Dialect {
	case PageSeeder:
		ok = w.Number > 0 && w.Key == numberKey(w.Number)
	case Kheops:
		ok = len(w.Key) == webhookKeyLength && alphanumeric(w.Key)
	case Entrust, Standard:
		// Entrust's documentation shows UUIDs and wh_ keys; a decimal number would
		// meet PageSeeder's.
		_, notNumber := strconv.ParseInt(w.Key, 10, 64)
		ok = validKey(w.Key) && notNumber != nil
	default:
		return Invalidf("dialect", "%q is not a dialect", clip(string(w.Dialect)))
	}
	if !ok {
		return Invalidf("key", "%q is not a key of a webhook of dialect %s", clip(w.Key), w.Dialect)
	}
	return nil
}

func (w *Webhook) validateOwner() error {
	kind := w.OwnerID().Kind
	want := map[Dialect][]Kind{
		PageSeeder: {KindClient}, Kheops: {KindAlbum}, Entrust: {KindAccount}, Standard: {KindClient, KindAlbum, KindAccount},
	}[w.Dialect]
	if !slices.Contains(want, kind) {
		return Invalidf("owner", "a webhook of dialect %s belongs to %s", w.Dialect, map[Dialect]string{
			PageSeeder: "a client", Kheops: "an album", Entrust: "the account", Standard: "a client, an album or the account",
		}[w.Dialect])
	}
	return nil
}

// validWebhookURL checks a URL by the rules of the dialect. Credentials in it
// are refused everywhere: URLs are shown and logged.
func validWebhookURL(d Dialect, field, text string) error {
	if text == "" {
		return Invalidf(field, "must not be empty")
	}
	if err := validText(field, text, maxWebhookURL); err != nil {
		return err
	}
	if d == Kheops {
		return validJavaURL(field, text)
	}
	u, err := url.Parse(text)
	if err != nil || !u.IsAbs() || u.Hostname() == "" {
		return Invalidf(field, "must be an absolute URL with a host")
	}
	if d == Entrust && u.Scheme != "https" {
		return Invalidf(field, "must be an https URL")
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return Invalidf(field, "must be an http or https URL")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return Invalidf(field, "the port is not between 1 and 65535")
		}
	}
	if u.User != nil {
		return Invalidf(field, "must not contain credentials")
	}
	if strings.Contains(text, " ") {
		return Invalidf(field, "must not contain blanks")
	}
	return nil
}

// validJavaURL accepts what java.net.URL accepts with protocol http or https
// (Kheops, section 3, E2): blanks around it, a "url:" prefix, an empty host,
// blanks and braces inside; but no port that is not a number and no unclosed
// bracket.
func validJavaURL(field, text string) error {
	spec := strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
	if len(spec) >= 4 && strings.EqualFold(spec[:4], "url:") {
		spec = spec[4:]
	}
	scheme, rest, found := strings.Cut(spec, ":")
	if !found || !validScheme(scheme) {
		return Invalidf(field, "the url is invalid")
	}
	switch strings.ToLower(scheme) {
	case "http", "https":
	case "ftp", "file", "mailto", "jar":
		return Invalidf(field, "the url is invalid: the scheme must be http or https")
	default:
		return Invalidf(field, "the url is invalid")
	}
	authority, isHierarchical := strings.CutPrefix(rest, "//")
	if !isHierarchical {
		return nil
	}
	if i := strings.IndexAny(authority, "/?#"); i >= 0 {
		authority = authority[:i]
	}
	if strings.Contains(authority, "@") {
		return Invalidf(field, "must not contain credentials")
	}
	port := ""
	if strings.HasPrefix(authority, "[") {
		literal, after, closed := strings.Cut(authority[1:], "]")
		address, err := netip.ParseAddr(literal)
		if !closed || err != nil || !address.Is6() || after != "" && after[0] != ':' {
			return Invalidf(field, "the url is invalid")
		}
		port = strings.TrimPrefix(after, ":")
	} else if _, p, found := strings.Cut(authority, ":"); found {
		port = p
	}
	if port != "" {
		if n, err := strconv.ParseInt(port, 10, 32); err != nil || n < -1 {
			return Invalidf(field, "the url is invalid")
		}
	}
	return nil
}

func validScheme(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789.+-", r)) {
			return false
		}
	}
	return s != ""
}

// validateDelivery checks what only deliveries read, except for the headers.
func (w *Webhook) validateDelivery() error {
	for field, t := range map[string]*time.Time{"created": &w.Created, "modified": &w.Modified, "expiresAt": w.ExpiresAt} {
		if err := validInstant(field, t); err != nil {
			return err
		}
	}
	switch w.Health {
	case HealthPending, HealthActive, HealthWarning, HealthError, HealthUnreachable:
	default:
		return Invalidf("health", "%q is not the health of a webhook", clip(string(w.Health)))
	}
	switch {
	case w.Format != FormatJSON && w.Format != FormatXML:
		return Invalidf("format", "%q is not a format", clip(string(w.Format)))
	case w.Format == FormatXML && w.Dialect != PageSeeder:
		return Invalidf("format", "only PageSeeder webhooks are delivered as XML")
	case w.Detail != DetailMinimal && w.Detail != DetailBasic:
		return Invalidf("detail", "%q is not a detail", clip(string(w.Detail)))
	case w.Dialect != PageSeeder && (w.ServerEvents || len(w.Projects)+len(w.Groups) > 0 || w.Detail != DetailMinimal):
		return Invalidf("dialect", "serverEvents, projects, groups and detail are for PageSeeder webhooks only")
	}
	for field, names := range map[string][]string{"projects": w.Projects, "groups": w.Groups} {
		if len(names) > maxScopes {
			return Invalidf(field, "at most %d are allowed", maxScopes)
		}
		for i, name := range names {
			at := field + "." + strconv.Itoa(i)
			if err := validLine(at, name, maxName); err != nil {
				return err
			}
			if strings.Contains(name, ",") || strings.TrimSpace(name) != name {
				return Invalidf(at, "must not contain a comma or begin or end with a blank")
			}
		}
	}
	return w.RetryPolicy.validate()
}

func (p *RetryPolicy) validate() error {
	if p == nil {
		return nil
	}
	if len(p.Delays) > maxRetryDelays {
		return Invalidf("retryPolicy.delays", "at most %d are allowed", maxRetryDelays)
	}
	for i, d := range p.Delays {
		if d < 0 || d > maxRetryDelay {
			return Invalidf("retryPolicy.delays."+strconv.Itoa(i), "must be between 0 and %d seconds", maxRetryDelay)
		}
	}
	for _, f := range []struct {
		name       string
		value, max int32
	}{
		{"timeout", p.Timeout, maxTimeout}, {"concurrency", p.Concurrency, maxConcurrency},
		{"ratePerSecond", p.RatePerSecond, maxRatePerSecond},
	} {
		if f.value < 0 || f.value > f.max {
			return Invalidf("retryPolicy."+f.name, "must be between 0 (the default) and %d", f.max)
		}
	}
	return nil
}

// reservedHeaders belong to the delivery itself.
var reservedHeaders = []string{"Host", "Content-Length", "Content-Type", "Content-Digest", "Transfer-Encoding", "Connection",
	"Upgrade", "Te", "Trailer", "Expect", "Proxy-Authorization", "Signature", "Signature-Input", "X-Sha2-Signature"}

var reservedHeaderPrefixes = []string{"Webhook-", "X-Ps-", "X-Kheops-"}

func validHeader(field, name string, value Secret) error {
	canonical := textproto.CanonicalMIMEHeaderKey(name)
	token := name != "" && len(name) <= 100
	for _, r := range name {
		token = token && r > ' ' && r < 0x7f && !strings.ContainsRune("()<>@,;:\\\"/[]?={}", r)
	}
	if !token {
		return Invalidf(field+".name", "%q is not the name of a header", clip(name))
	}
	if slices.Contains(reservedHeaders, canonical) ||
		slices.ContainsFunc(reservedHeaderPrefixes, func(p string) bool { return strings.HasPrefix(canonical, p) }) {
		return Invalidf(field+".name", "%s is set by the delivery itself", canonical)
	}
	if strings.ContainsAny(value.Reveal(), "\r\n\x00") {
		return Invalidf(field+".value", "must be one line")
	}
	return validText(field+".value", value.Reveal(), maxHeaderValue)
}
