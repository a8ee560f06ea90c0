package delivery

import (
	"net/url"
	"strings"
)

// An otherURL is one that the signature may be of.
type otherURL struct{ uri, what string }

// otherURLs are those that a proxy makes this one of.
func (r *Received) otherURLs(uri string) (list []otherURL) {
	if own, err := TargetURI(r.WebhookURL); err == nil {
		list = append(list, otherURL{own, "the URL of the webhook, which is another than this one"})
	}
	u, err := url.Parse(uri)
	if err != nil {
		return list
	}
	add := func(what string, change func(*url.URL)) {
		other := *u
		change(&other)
		if text, err := TargetURI(other.String()); err == nil {
			list = append(list, otherURL{text, what})
		}
	}
	add("this URL with https", func(u *url.URL) { u.Scheme = "https" })
	add("this URL with http", func(u *url.URL) { u.Scheme = "http" })
	add("this URL without its port", func(u *url.URL) { u.Host = u.Hostname() })
	add("this URL with https and without its port", func(u *url.URL) { u.Scheme, u.Host = "https", u.Hostname() })
	add("this URL without its query", func(u *url.URL) { u.RawQuery, u.ForceQuery = "", false })
	add("this URL with a slash at its end", func(u *url.URL) { u.Path += "/" })
	add("this URL without the slash at its end", func(u *url.URL) { u.Path = strings.TrimSuffix(u.Path, "/") })
	return list
}
