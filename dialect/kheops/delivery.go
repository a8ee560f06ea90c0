package kheops

import (
	"context"
	"strconv"
	"time"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/hook"
)

var _ delivery.Form = (*API)(nil)

// answerTimeout is how long a receiver may take to answer. Kheops waits for ever
// (section 7.5), with nothing that depends on it; here a place in the queue does.
const answerTimeout = 30 * time.Second

// policy is that of section 7.5: five attempts, with waits that count down.
// Whatever is no 2xx is tried again. Redirects are not followed.
var policy = delivery.Policy{
	Delays:  []time.Duration{20 * time.Second, 15 * time.Second, 10 * time.Second, 5 * time.Second},
	Timeout: answerTimeout,
}

// Policy implements delivery.Form.
func (*API) Policy() delivery.Policy { return policy }

// What Kheops' HTTP client says of itself; receivers may log it or filter by it.
// The rest of the version of Java is not known.
const (
	userAgent = "Jersey/2.33 (HttpUrlConnection 17)"
	accept    = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
)

// Request implements delivery.Form. Nobody can ask for a delivery of delete_album
// again, so that it has no id. Kheops' signature has room for one secret: during
// a rotation it is the new one's. All that a request takes is in the webhook and
// the trigger, so that it can be made when both are gone from the database.
func (a *API) Request(ctx context.Context, w *hook.Webhook, t *hook.Trigger, payload []byte, try delivery.Try) (delivery.Request, error) {
	secrets, err := a.service.WebhookSecrets(ctx, w)
	if err != nil {
		return delivery.Request{}, err
	}
	own, err := a.service.WebhookHeaders(w)
	if err != nil {
		return delivery.Request{}, err
	}
	header := [][2]string{
		{"Content-Type", "application/json"},
		{"X-Kheops-Event", t.EventType},
		{"X-Kheops-Attempt", strconv.Itoa(try.Number) + "/" + strconv.Itoa(try.Of)},
	}
	if t.EventType != deleteAlbum {
		header = append(header, [2]string{"X-Kheops-Delivery", t.Key})
	}
	if len(secrets) > 0 {
		header = append(header, delivery.SignKheops(payload, secrets[0])...)
	}
	header = append(header, [2]string{"User-Agent", userAgent}, [2]string{"Accept", accept}, [2]string{"Connection", "keep-alive"})
	return delivery.Request{URL: w.URL, Header: delivery.WithOwn(header, own), Body: payload, VerifyTLS: w.VerifyTLS}, nil
}

// Payload implements delivery.Form (section 7.3).
func (a *API) Payload(_ context.Context, _ *hook.Webhook, e *hook.Event, t *hook.Trigger) ([]byte, error) {
	d := readData(e)
	b := append(make([]byte, 0, 1024), `{"host":`...)
	b = appendText(b, a.host)
	b = append(b, `,"album_id":`...)
	b = appendText(b, e.OwnerID().Key)
	b = append(b, `,"event_time":"`...)
	b = appendTime(b, e.OccurredAt.In(a.location))
	b = append(b, `","source":`...)
	b = appendUser(b, d.Source)
	b = append(b, `,"is_manual_trigger":`...)
	b = strconv.AppendBool(b, t.Manual)
	switch e.Type {
	case newUser:
		if d.NewUser == nil {
			return nil, hook.Invalidf("data.new_user", "is missing")
		}
		b = append(b, `,"new_user":`...)
		b = appendUser(b, d.NewUser)
	case newSeries:
		if d.UpdatedStudy == nil {
			return nil, hook.Invalidf("data.updated_study", "is missing")
		}
		if d.ImportSource != "" {
			b = append(b, `,"import_source":`...)
			b = appendText(b, d.ImportSource)
		}
		b = append(b, `,"updated_study":`...)
		b = appendDelivered(b, d.UpdatedStudy, a.host, true, true)
	case removeSeries:
		if d.RemovedStudy == nil {
			return nil, hook.Invalidf("data.removed_study", "is missing")
		}
		all := d.RemoveAllSeries != nil && *d.RemoveAllSeries
		b = append(b, `,"remove_all_series":`...)
		b = strconv.AppendBool(b, all)
		b = append(b, `,"removed_study":`...)
		// A study that is still in the album has an address, what was removed none.
		b = appendDelivered(b, d.RemovedStudy, a.host, !all, false)
	case deleteAlbum:
	default:
		return nil, hook.Invalidf("type", "is not an event type of Kheops")
	}
	return append(b, '}'), nil
}

// appendUser writes the user object of section 7.3.
func appendUser(b []byte, u *user) []byte {
	if u == nil {
		return append(b, `{}`...)
	}
	b = appendMembers(append(b, '{'), "email", u.Email, "name", u.Name, "sub", u.Sub)
	member := func(name string) {
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), name...), `":`...)
	}
	if u.IsAdmin != nil {
		member("is_admin")
		b = strconv.AppendBool(b, *u.IsAdmin)
	}
	if p := u.ReportProvider; p != nil {
		member("report_provider")
		b = append(appendMembers(append(b, '{'), "name", p.Name, "client_id", p.ClientID), '}')
	}
	if t := u.CapabilityToken; t != nil {
		member("capability_token")
		b = append(appendMembers(append(b, '{'), "id", t.ID, "title", t.Title), '}')
	}
	return append(b, '}')
}

// appendDelivered writes the study object of section 7.4.
func appendDelivered(b []byte, s *study, host string, withStudyURL, withSeriesURL bool) []byte {
	address := ""
	if withStudyURL {
		address = studyURL(host, s)
	}
	b = appendMembers(append(b, '{'), "patient_name", s.PatientName, "patient_ID", s.PatientID, "study_uid", s.StudyUID,
		"study_date", s.StudyDate, "study_time", s.StudyTime, "timezone_offset_from_utc", s.TimezoneOffset,
		"study_description", s.StudyDescription, "study_id", s.StudyID, "accession_number", s.AccessionNumber,
		"referring_physician_name", s.ReferringPhysicianName, "patient_birth_date", s.PatientBirthDate,
		"patient_sex", s.PatientSex, "retrieve_url", address)
	b = append(b, `,"series":[`...)
	for i, one := range s.Series {
		b = append(appendComma(b, i), '{')
		b = appendMembers(b, "modality", one.Modality, "series_description", one.SeriesDescription, "series_uid", one.SeriesUID)
		b = append(b, `,"number_of_series_related_instances":`...)
		b = strconv.AppendInt(b, one.Instances, 10)
		b = appendMembers(b, "time_zone_offset_from_utc", one.TimeZoneOffset)
		b = append(b, `,"series_number":`...)
		b = strconv.AppendInt(b, one.SeriesNumber, 10)
		address = ""
		if withSeriesURL {
			address = seriesURL(host, s, one)
		}
		b = appendMembers(b, "body_part_examined", one.BodyPartExamined, "retrieve_url", address)
		if n := one.NumberOfNewInstances; n != nil {
			b = append(b, `,"number_of_new_instances":`...)
			b = strconv.AppendInt(b, *n, 10)
		}
		b = append(b, '}')
	}
	return append(b, `]}`...)
}
