package resolvers_test

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
)

// names replaces what is made at run time by names that are the same in every
// run, in answers, and back again in requests:
//
//	<Album 1>          the key of the first new album in the answers; so for each kind
//	<cursor 1>         a cursor
//	<secret 1>         a secret that is shown once
//	<token 1>          the token of an API key
//	<identifier 1>     the OAuth id of a new client
//	<uuid 1>           any other UUID, such as that of a subscription
//	<this hour>        the beginning of the hour
//	<now>, <in a day>  an instant within ten minutes of the test, or a day later
//
// The same text always gets the same name. What seed writes stays as it is.
type names struct {
	mu     sync.Mutex
	byText map[string]string
	byName map[string]string
	count  map[string]int
}

func newNames() *names {
	return &names{byText: map[string]string{}, byName: map[string]string{}, count: map[string]int{}}
}

var (
	tokenForm      = regexp.MustCompile(`hg_[0-9a-f-]{36}_[A-Za-z0-9_-]{43}`)
	secretForm     = regexp.MustCompile(`whsec_[A-Za-z0-9+/=_-]+`)
	shownForm      = regexp.MustCompile(`"(clientSecret|secret)":\s*"([A-Za-z0-9_-]{43})"`)
	cursorForm     = regexp.MustCompile(`"(cursor|startCursor|endCursor)":\s*"([^"]+)"`)
	identifierForm = regexp.MustCompile(`\b[0-9a-f]{16}\b`)
	idForm         = regexp.MustCompile(`\b(Member|Client|Album|Webhook|Event|Trigger|ApiKey|AuditEntry|Replay):([A-Za-z0-9_-]+)`)
	keyForm        = regexp.MustCompile(`"([A-Za-z0-9_-]+)"`)
	uuidForm       = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	instantForm    = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`)
	nameForm       = regexp.MustCompile(`<[A-Za-z]+ \d+>`)
)

// name returns the name of a text.
func (n *names) name(kind, text string) string {
	if known, ok := n.byText[text]; ok {
		return known
	}
	n.count[kind]++
	name := fmt.Sprintf("<%s %d>", kind, n.count[kind])
	n.byText[text], n.byName[name] = name, text
	return name
}

// replace puts names into an answer.
func (n *names) replace(answer string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	each := func(form *regexp.Regexp, to func(parts []string) string) {
		answer = form.ReplaceAllStringFunc(answer, func(text string) string { return to(form.FindStringSubmatch(text)) })
	}
	each(tokenForm, func(p []string) string { return n.name("token", p[0]) })
	each(secretForm, func(p []string) string { return n.name("secret", p[0]) })
	each(shownForm, func(p []string) string { return fmt.Sprintf("%q:%q", p[1], n.name("secret", p[2])) })
	each(cursorForm, func(p []string) string { return fmt.Sprintf("%q:%q", p[1], n.name("cursor", p[2])) })
	each(idForm, func(p []string) string {
		if seeded(p[2]) {
			return p[0]
		}
		return p[1] + ":" + n.name(p[1], p[2])
	})
	each(keyForm, func(p []string) string {
		if name, known := n.byText[p[1]]; known {
			return `"` + name + `"`
		}
		return p[0]
	})
	each(identifierForm, func(p []string) string {
		if seeded(p[0]) {
			return p[0]
		}
		return n.name("identifier", p[0])
	})
	each(uuidForm, func(p []string) string {
		if seeded(p[0]) {
			return p[0]
		}
		return n.name("uuid", p[0])
	})
	each(instantForm, func(p []string) string {
		at, err := time.Parse(time.RFC3339, p[0])
		if since := time.Since(at); err == nil && at.Equal(at.Truncate(time.Hour)) && since >= 0 && since < time.Hour+10*time.Minute {
			return "<this hour>"
		}
		for name, offset := range map[string]time.Duration{"<now>": 0, "<in a day>": 24 * time.Hour} {
			if err == nil && time.Until(at.Add(-offset)).Abs() < 10*time.Minute {
				return name
			}
		}
		return p[0]
	})
	return answer
}

// restore puts the texts back into a request.
func (n *names) restore(request string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return nameForm.ReplaceAllStringFunc(request, func(name string) string {
		if text, known := n.byName[name]; known {
			return text
		}
		return strings.Trim(name, "<>")
	})
}
