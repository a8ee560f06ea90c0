package kheops

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// get answers E3: a webhook with its triggers, the latest first. They are
// written page by page, as the list of webhooks is.
func (a *API) get(w http.ResponseWriter, r *http.Request, keys []string) {
	ctx := r.Context()
	if err := a.service.Permit(ctx, albumID(keys), mayView); err != nil {
		a.refuse(w, r, err)
		return
	}
	q, refused := readQuery(r.URL.RawQuery)
	if refused != nil {
		refused.write(w)
		return
	}
	webhook, err := a.webhook(ctx, keys)
	var stats []*hook.Stats
	if err == nil {
		stats, err = a.service.WebhookStats(ctx, keys[1:])
	}
	if err != nil {
		a.refuse(w, r, err)
		return
	}
	body := appendFields(make([]byte, 0, 1024), webhook)
	body = append(body, `,"number_of_triggers":`...)
	body = strconv.AppendInt(body, stats[0].Total(), 10)
	w.Header().Set("Content-Type", "application/json")
	host, count, begun := a.hostOf(r), 0, false
	for triggers, err := range a.service.WebhookTriggers(ctx, webhook, q.offset, q.limit) {
		var about account
		if err == nil {
			about, err = a.accountOf(ctx, triggers)
		}
		if err != nil {
			a.breakOff(w, r, err, begun)
			return
		}
		for _, t := range triggers {
			if count == 0 {
				body = append(body, `,"triggers":[`...)
			}
			body = appendComma(body, count)
			body = a.appendTrigger(body, t, about, host)
			count++
		}
		if len(body) >= piece {
			if _, err := w.Write(body); err != nil {
				return
			}
			body, begun = body[:0], true
		}
	}
	if count > 0 {
		body = append(body, ']')
	}
	end(w, append(body, '}'), begun)
}

// hostOf returns the root of the addresses of studies.
func (a *API) hostOf(r *http.Request) string {
	if a.host != "" {
		return a.host
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// appendTrigger writes a trigger (section 4.3). Of an imported one only the id is
// known: it has no event and no attempts.
func (a *API) appendTrigger(b []byte, t *hook.Trigger, about account, host string) []byte {
	b = append(b, `{"id":`...)
	b = appendText(b, t.Key)
	b = append(b, `,"is_manual_trigger":`...)
	b = strconv.AppendBool(b, t.Manual)
	if t.EventType != "" {
		b = append(b, `,"event":`...)
		b = appendText(b, t.EventType)
	}
	b = a.appendAttempts(b, t.Attempts)
	switch d := about.data[t.Event]; t.EventType {
	case newUser:
		if u := d.NewUser; u != nil {
			if today := about.people[u.Member]; today != nil {
				u = today
			}
			b = append(b, `,"user":{`...)
			b = append(appendMembers(b, "email", u.Email, "name", u.Name, "sub", u.Sub), '}')
		}
	case newSeries:
		b = appendStudy(b, d.UpdatedStudy, host)
	case removeSeries:
		b = appendStudy(b, d.RemovedStudy, "")
	}
	return append(b, '}')
}

// The event types (section 6).
const (
	newSeries    = "new_series"
	newUser      = "new_user"
	removeSeries = "remove_series"
	deleteAlbum  = "delete_album"
)

// appendAttempts writes attempts with the last one first; none are absent. One
// that got no answer has the status -1 (section 4.4).
func (a *API) appendAttempts(b []byte, attempts []hook.Attempt) []byte {
	if len(attempts) == 0 {
		return b
	}
	b = append(b, `,"attempts":[`...)
	for i, attempt := range slices.Backward(attempts) {
		b = appendComma(b, len(attempts)-1-i)
		b = append(b, `{"status":`...)
		if status := attempt.Status(); status != nil {
			b = strconv.AppendInt(b, int64(*status), 10)
		} else {
			b = append(b, `-1`...)
		}
		b = append(b, `,"time":"`...)
		b = appendTime(b, attempt.At.Add(time.Duration(attempt.Duration)*time.Millisecond).In(a.location))
		b = append(b, `Z","attempt":`...)
		b = strconv.AppendInt(b, int64(attempt.Number), 10)
		b = append(b, '}')
	}
	return append(b, ']')
}

// appendStudy writes the UIDs of a study, with addresses if there is a host.
func appendStudy(b []byte, s *study, host string) []byte {
	if s == nil || len(s.Series) == 0 {
		return b
	}
	address := ""
	if host != "" {
		address = studyURL(host, s)
	}
	b = append(b, `,"study":{`...)
	b = appendMembers(b, "study_uid", s.StudyUID, "retrieve_url", address)
	b = append(b, `,"series":[`...)
	for i, one := range s.Series {
		b = append(appendComma(b, i), '{')
		if host != "" {
			address = seriesURL(host, s, one)
		}
		b = append(appendMembers(b, "series_uid", one.SeriesUID, "retrieve_url", address), '}')
	}
	return append(b, `]}`...)
}

func studyURL(host string, s *study) string { return host + "/api/studies/" + s.StudyUID }

func seriesURL(host string, s *study, one series) string {
	return studyURL(host, s) + "/series/" + one.SeriesUID
}

// appendMembers writes members of an object, pairs of name and text, without
// those that are empty.
func appendMembers(b []byte, pairs ...string) []byte {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, pairs[i]...)
		b = append(b, `":`...)
		b = appendText(b, pairs[i+1])
	}
	return b
}

// appendTime writes a time as Java's LocalDateTime does: no zone, fractions in
// groups of three digits, and no seconds if there are none (section 1).
func appendTime(b []byte, t time.Time) []byte {
	b = t.AppendFormat(b, "2006-01-02T15:04")
	nanoseconds := t.Nanosecond()
	if t.Second() == 0 && nanoseconds == 0 {
		return b
	}
	b = t.AppendFormat(b, ":05")
	if nanoseconds == 0 {
		return b
	}
	fraction := strings.TrimRight(t.Format(".000000000"), "0")
	for len(fraction)%3 != 1 {
		fraction += "0"
	}
	return append(b, fraction...)
}
