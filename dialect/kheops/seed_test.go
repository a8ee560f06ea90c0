package kheops_test

import (
	"testing"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

// detailed is the webhook that seedTriggers gives one trigger of each kind.
const detailed = "webhook0detailed0000"

// seedTriggers stores triggers in all states, as a delivery would leave them.
func (g *gateway) seedTriggers(t *testing.T) {
	t.Helper()
	ctx := admin(t.Context())
	m, err := g.service.CreateMember(ctx, hook.MemberFields{Sub: hook.Set("sub-new"), Email: hook.Set("bo@example.org"), FullName: hook.Set("Bo Member")})
	if err != nil {
		t.Fatal(err)
	}
	g.join(t, m, false)
	// As of the event the name was another one.
	person := `{"email":"old@example.org","name":"Old Name","sub":"sub-new","is_admin":false,"member":"` + m.Key + `"}`
	const (
		gone  = `{"new_user":{"email":"gone@example.org","name":"Gone","sub":"sub-gone","is_admin":false,"member":"1"}}`
		study = `{"import_source":"send","updated_study":{"study_uid":"1.2.840.99.1","series":[{"series_uid":"1.2.840.99.1.1"},{"series_uid":"1.2.840.99.1.3"}]}}`
		less  = `{"remove_all_series":false,"removed_study":{"patient_name":"DOE^JANE","study_uid":"1.2.840.99.1","series":[{"modality":"CT","series_uid":"1.2.840.99.1.2"}]}}`
	)
	at := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	attempt := func(number, status int32, at time.Time) hook.Attempt {
		return hook.Attempt{Number: number, At: at, StatusCode: status, Duration: 100}
	}
	owner := "Album:" + album
	meta := func(key string, created time.Time) hook.Meta { return hook.Meta{Key: key, Created: created} }
	changes := []hook.Change{
		{Kind: hook.ChangeInsert, Entity: &hook.Webhook{
			Meta: meta(detailed, at), Dialect: hook.Kheops, Owner: owner, Name: "Détail \U0001F600", URL: "https://hooks.example.org/{x}", Enabled: true,
			Health: hook.HealthActive, SecretState: hook.SecretSet, Format: hook.FormatJSON, Detail: hook.DetailMinimal, VerifyTLS: true,
			Subscriptions: []hook.Subscription{{Pattern: "delete_album"}, {Pattern: "new_series"}},
		}},
		{Kind: hook.ChangeCount, Webhook: detailed, Add: hook.Stats{Triggers: 5, Imported: 2}},
	}
	for i, tt := range []struct {
		key, event, data string
		trigger          hook.Trigger
	}{
		{"trigger0pass", "new_user", `{"new_user":` + person + `}`, hook.Trigger{Status: hook.TriggerPass, Attempts: []hook.Attempt{
			{Number: 1, At: at, Duration: 100, ErrorKind: "connect"}, attempt(2, 204, at.Add(20*time.Second)),
		}}},
		{"trigger0manual", "new_series", study, hook.Trigger{Status: hook.TriggerPending, Manual: true}},
		{"trigger0removed", "remove_series", less, hook.Trigger{Status: hook.TriggerPass, Attempts: []hook.Attempt{
			attempt(1, 200, time.Date(2024, 5, 1, 9, 59, 59, 900_000_000, time.UTC)),
		}}},
		{"trigger0gone", "new_user", gone, hook.Trigger{Status: hook.TriggerFail, Attempts: []hook.Attempt{attempt(1, 500, at.Add(-100*time.Millisecond))}}},
		{"trigger0odd", "new_series", `{"of":"another form","updated_study":1}`, hook.Trigger{Status: hook.TriggerRetrying}},
		{"trigger0imported", "", "", hook.Trigger{Status: hook.TriggerPass, Imported: true}},
	} {
		trigger := tt.trigger
		created := at.Add(-time.Duration(i) * time.Minute)
		trigger.Meta, trigger.Webhook, trigger.Owner, trigger.EventType = meta(tt.key, created), detailed, owner, tt.event
		trigger.Partition = hook.ClosedPartition
		if tt.event != "" {
			trigger.Event = "event-" + tt.key
			changes = append(changes, hook.Change{Kind: hook.ChangeInsert, Entity: &hook.Event{
				Meta: meta(trigger.Event, created), Dialect: hook.Kheops, Type: tt.event, OccurredAt: created, Owner: owner, Data: tt.data, State: hook.EventDone,
			}})
		}
		changes = append(changes, hook.Change{Kind: hook.ChangeInsert, Entity: &trigger})
	}
	if err := g.store.Write(ctx, changes...); err != nil {
		t.Fatal(err)
	}
}
