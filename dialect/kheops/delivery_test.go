package kheops_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
		{"7.3, an operation's new_user", "new_user", `{"actor":{"key":"7","sub":"5f1c0f3e-0d5a-4a57-9a0e-2f6f2b1f0c11","email":"ana@example.org","name":"Ana Admin","isAdmin":true},"member":{"key":"8","email":"bo@example.org","name":"Bö Member","isAdmin":false}}`, at.Truncate(time.Second), false,
			before + `"2024-05-06T07:08:09",` + source + `},"is_manual_trigger":false,"new_user":{"email":"bo@example.org","name":"Bö Member","sub":"8","is_admin":false}}`},
		{"7.3, an operation's delete_album", "delete_album", `{"actor":{"name":"API key robot","apiKey":"9b2d7c44-1c0b-4f7e-8a53-6d1f5f0f7a22","isAdmin":true}}`, at.Truncate(time.Second), false,
			before + `"2024-05-06T07:08:09","source":{"name":"API key robot","sub":"9b2d7c44-1c0b-4f7e-8a53-6d1f5f0f7a22","is_admin":true},"is_manual_trigger":false}`},
		{"7.3, an operation of nobody", "delete_album", `{}`, at.Truncate(time.Second), false,
			before + `"2024-05-06T07:08:09","source":{},"is_manual_trigger":false}`},
		{"7.3, published with a member of another form", "delete_album", `{` + source + `},"actor":1,"member":"8"}`, at.Truncate(time.Second), false,
			before + `"2024-05-06T07:08:09",` + source + `},"is_manual_trigger":false}`},
	}
	for _, tt := range tests {
		body, err := api.Payload(t.Context(), nil, &hook.Event{Type: tt.event, Data: tt.data, Owner: "Album:" + album, OccurredAt: tt.at}, &hook.Trigger{Manual: tt.manual})
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
		_, err := api.Payload(t.Context(), nil, &e, new(hook.Trigger))
		if e, ok := err.(*hook.Error); !ok || e.Code != hook.Invalid || e.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
