package kheops_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hookgraph/hookgraph/delivery"
	"github.com/hookgraph/hookgraph/dialect/kheops"
	"github.com/hookgraph/hookgraph/hook"
)

const (
	source = `"source":{"email":"ana@example.org","name":"Ana Admin","sub":"5f1c0f3e-0d5a-4a57-9a0e-2f6f2b1f0c11","is_admin":true`
	before = `{"host":"https://kheops.example.org","album_id":"aB3dE5gH7j","event_time":`
)

// TestPayloads compares payloads with the samples of section 7, byte for byte.
func TestPayloads(t *testing.T) {
	t.Parallel()
	api := kheops.New(nil, nil, kheops.Options{Host: "https://kheops.example.org"})
	at := time.Date(2024, 5, 6, 7, 8, 9, 123_456_789, time.UTC)
	tests := []struct {
		section, event, data string
		at                   time.Time
		manual               bool
		want                 string
	}{
		{"7.2", "new_user", `{` + source + `,"member":"7"},"new_user":{"email":"bo@example.org","name":"Bö Member","sub":"9b2d7c44-1c0b-4f7e-8a53-6d1f5f0f7a22","is_admin":false,"member":"8"}}`, at, true,
			before + `"2024-05-06T07:08:09.123456789",` + source + `},"is_manual_trigger":true,"new_user":{"email":"bo@example.org","name":"Bö Member","sub":"9b2d7c44-1c0b-4f7e-8a53-6d1f5f0f7a22","is_admin":false}}`},
		{"7.4", "new_series", `{` + source + `,"capability_token":{"id":"Tk3nId0001","title":"PACS feed"}},"import_source":"upload","updated_study":{"patient_name":"DOE^JANE","patient_ID":"P-77","study_uid":"1.2.840.99.1","study_date":"20240501","study_time":"101500.000000","timezone_offset_from_utc":"+0200","study_description":"Thorax","study_id":"S1","accession_number":"ACC9","referring_physician_name":"HOUSE^G","patient_birth_date":"19700101","patient_sex":"F","series":[{"modality":"CT","series_description":"lung","series_uid":"1.2.840.99.1.1","number_of_series_related_instances":120,"time_zone_offset_from_utc":"+0200","series_number":3,"body_part_examined":"CHEST","number_of_new_instances":120}]}}`, at, false,
			before + `"2024-05-06T07:08:09.123456789",` + source + `,"capability_token":{"id":"Tk3nId0001","title":"PACS feed"}},"is_manual_trigger":false,"import_source":"upload","updated_study":{"patient_name":"DOE^JANE","patient_ID":"P-77","study_uid":"1.2.840.99.1","study_date":"20240501","study_time":"101500.000000","timezone_offset_from_utc":"+0200","study_description":"Thorax","study_id":"S1","accession_number":"ACC9","referring_physician_name":"HOUSE^G","patient_birth_date":"19700101","patient_sex":"F","retrieve_url":"https://kheops.example.org/api/studies/1.2.840.99.1","series":[{"modality":"CT","series_description":"lung","series_uid":"1.2.840.99.1.1","number_of_series_related_instances":120,"time_zone_offset_from_utc":"+0200","series_number":3,"body_part_examined":"CHEST","retrieve_url":"https://kheops.example.org/api/studies/1.2.840.99.1/series/1.2.840.99.1.1","number_of_new_instances":120}]}}`},
		{"7.4", "remove_series", `{` + source + `},"remove_all_series":false,"removed_study":{"patient_name":"DOE^JANE","patient_ID":"P-77","study_uid":"1.2.840.99.1","study_date":"20240501","series":[{"modality":"CT","series_uid":"1.2.840.99.1.1","number_of_series_related_instances":120,"series_number":3}]}}`, at.Truncate(time.Millisecond), false,
			before + `"2024-05-06T07:08:09.123",` + source + `},"is_manual_trigger":false,"remove_all_series":false,"removed_study":{"patient_name":"DOE^JANE","patient_ID":"P-77","study_uid":"1.2.840.99.1","study_date":"20240501","retrieve_url":"https://kheops.example.org/api/studies/1.2.840.99.1","series":[{"modality":"CT","series_uid":"1.2.840.99.1.1","number_of_series_related_instances":120,"series_number":3}]}}`},
		{"7.4, the last series", "remove_series", `{"source":{"report_provider":{"name":"r","client_id":"c"}},"remove_all_series":true,"removed_study":{"study_uid":"1","series":[{"series_uid":"2"}]}}`, at.Truncate(time.Minute), false,
			before + `"2024-05-06T07:08","source":{"report_provider":{"name":"r","client_id":"c"}},"is_manual_trigger":false,"remove_all_series":true,"removed_study":{"study_uid":"1","series":[{"series_uid":"2","number_of_series_related_instances":0,"series_number":0}]}}`},
		{"7.4, delete_album", "delete_album", `{` + source + `}}`, at.Truncate(time.Second), false,
			before + `"2024-05-06T07:08:09",` + source + `},"is_manual_trigger":false}`},
	}
	for _, tt := range tests {
		body, err := api.Payload(&hook.Event{Type: tt.event, Data: tt.data, Owner: "Album:" + album, OccurredAt: tt.at}, tt.manual)
		if err != nil {
			t.Errorf("%s: %v", tt.section, err)
		}
		if diff := cmp.Diff(tt.want, string(body)); diff != "" {
			t.Errorf("%s: %s", tt.section, diff)
		}
	}
	for field, e := range map[string]hook.Event{
		"data.new_user": {Type: "new_user", Data: "{}"}, "data.updated_study": {Type: "new_series", Data: "x"},
		"data.removed_study": {Type: "remove_series", Data: `{"removed_study":1}`}, "type": {Type: "x"},
	} {
		_, err := api.Payload(&e, false)
		if e, ok := err.(*hook.Error); !ok || e.Code != hook.Invalid || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// TestRequest checks the headers of section 7.1 and the test vector of 7.2.
func TestRequest(t *testing.T) {
	t.Parallel()
	const body = before + `"2024-05-06T07:08:09.123456789",` + source + `},"is_manual_trigger":true,"new_user":{"email":"bo@example.org","name":"Bö Member","sub":"9b2d7c44-1c0b-4f7e-8a53-6d1f5f0f7a22","is_admin":false}}`
	if len(body) != 368 {
		t.Fatalf("the test vector has %d bytes", len(body))
	}
	w := &hook.Webhook{URL: "https://hooks.example.org/k", VerifyTLS: true}
	trigger := &hook.Trigger{Meta: hook.Meta{Key: "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5"}, EventType: "new_user"}
	last := [][2]string{{"User-Agent", "Jersey/2.33 (HttpUrlConnection 17)"}, {"Accept", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"}, {"Connection", "keep-alive"}}
	first := func(event, attempt string) [][2]string {
		return [][2]string{{"Content-Type", "application/json"}, {"X-Kheops-Event", event}, {"X-Kheops-Attempt", attempt}}
	}
	for secret, signature := range map[hook.Secret]string{
		"topsecret":   "68bcdfc6ddc6eea5e35bb032e7e46bbbdc21bece13b7082fd05f76896fb56bfb",
		"clé-secrète": "1f5118569693bb165b5a3cdc0ea04569b9db7623e984a34b3bbb81c6f94eaf97",
	} {
		want := delivery.Request{URL: w.URL, Body: []byte(body), VerifyTLS: true,
			Header: append(append(first("new_user", "2/5"), [2]string{"X-Kheops-Delivery", trigger.Key}, [2]string{"X-Kheops-Signature", signature}), last...)}
		if diff := cmp.Diff(want, kheops.Request(w, trigger, []byte(body), 2, secret)); diff != "" {
			t.Error(diff)
		}
	}
	trigger.EventType = "delete_album"
	got := kheops.Request(w, trigger, []byte("{}"), 1, "")
	if diff := cmp.Diff(append(first("delete_album", "1/5"), last...), got.Header); diff != "" {
		t.Error(diff)
	}
}
