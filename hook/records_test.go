package hook_test

import (
	"fmt"
	"strconv"
	"time"

	"github.com/hookgraph/hookgraph/hook"
)

var springtime = time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)

// pageSeederRecord is webhook n of client 123 of member 456.
func pageSeederRecord(n int64) *hook.Record {
	created := springtime.Add(time.Duration(n) * time.Minute)
	return &hook.Record{
		Webhook: &hook.Webhook{
			Meta: hook.Meta{Key: strconv.FormatInt(n, 10), Created: created}, Number: n, Dialect: hook.PageSeeder,
			Name: fmt.Sprint("hook ", n), URL: "https://hooks.example.org/ps", Enabled: true, Health: hook.HealthActive,
			Subscriptions: []hook.Subscription{{ID: "1", Pattern: "comment.*"}, {ID: "2", Pattern: "old.event"}},
			Format:        hook.FormatXML, Detail: hook.DetailMinimal, SecretState: hook.SecretNone, Modified: created,
		},
		Client: &hook.Client{
			Meta: hook.Meta{Key: "123", Created: springtime}, Number: 123, Identifier: "4739db31320c67c5", Name: "sample",
			GrantType: hook.GrantPassword, AccessTokenMaxAge: 21600,
		},
		Member: &hook.Member{
			Meta: hook.Meta{Key: "456"}, Number: 456, Username: "jsnow", FirstName: "Joan", Surname: "Snow",
			FullName: "Joan Snow", Status: hook.MemberActivated,
		},
	}
}

// kheopsRecord is webhook n of an album, with two triggers.
func kheopsRecord(n int) *hook.Record {
	return &hook.Record{
		Webhook: &hook.Webhook{
			Meta: hook.Meta{Key: fmt.Sprintf("kheopswebhook%07d", n)}, Dialect: hook.Kheops, Name: fmt.Sprint("hook ", n),
			URL: "https://hooks.example.org/kheops", Enabled: true, Health: hook.HealthActive, SecretState: hook.SecretUnknown,
			Subscriptions: []hook.Subscription{{Pattern: "new_user"}}, Format: hook.FormatJSON, Detail: hook.DetailMinimal, VerifyTLS: true,
		},
		Last: []hook.LastTrigger{
			{Trigger: fmt.Sprintf("later%025d", n), Status: hook.TriggerFail},
			{Trigger: fmt.Sprintf("first%025d", n), Status: hook.TriggerPass},
		},
		Triggers: 11,
	}
}

// entrustRecord is webhook n of the account.
func entrustRecord(n int) *hook.Record {
	return &hook.Record{Webhook: &hook.Webhook{
		Meta: hook.Meta{Key: fmt.Sprintf("8f2b1d3e-5c47-4e0a-9a6b-%012d", n)}, Dialect: hook.Entrust, Name: fmt.Sprint("hook ", n),
		URL: "https://hooks.example.org/entrust", Enabled: true, Health: hook.HealthActive, SecretState: hook.SecretUnknown,
		Subscriptions: []hook.Subscription{{ID: "s1", Pattern: "user.created"}}, Format: hook.FormatJSON, Detail: hook.DetailMinimal, VerifyTLS: true,
	}}
}
