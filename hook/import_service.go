package hook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"
)

// An Import is what a list endpoint of one of the original APIs returned.
type Import struct {
	Dialect Dialect
	// Album is the key of the album that Kheops' webhooks belong to; it is made
	// if it does not exist.
	Album string
	// Records reads the input from its beginning. It is called twice: an input
	// that is malformed anywhere changes nothing.
	Records func() iter.Seq2[*Record, error]
	// Progress, if set, is told after every record how many are done.
	Progress func(done int)
}

// An ImportSummary tells what became of the records.
type ImportSummary struct {
	Created, Unchanged, Updated, Refused int
	// Refusals are the first MaxRefusals refused records.
	Refusals []Refusal
}

// A Refusal is a record that was not taken over, and why.
type Refusal struct {
	Position int
	Field    string
	Reason   string
}

// MaxRefusals is how many refusals a summary lists.
const MaxRefusals = 100

// Import takes over webhooks, with the clients, members and albums that they
// belong to. A record that was imported before and is the same leaves its
// webhook alone, also if that was changed here meanwhile. Each record is written
// whole or not at all; a refused one does not keep the others out.
func (s *Service) Import(ctx context.Context, in Import) (*ImportSummary, error) {
	if err := needEverywhere(ctx, Webhooks, All); err != nil {
		return nil, err
	}
	m := importer{Service: s, in: in, seen: map[string]int{}, now: Now()}
	switch in.Dialect {
	case PageSeeder:
		for _, entity := range []string{Clients, Members} {
			if err := needEverywhere(ctx, entity, All); err != nil {
				return nil, err
			}
		}
	case Kheops:
		if err := needEverywhere(ctx, Albums, All); err != nil {
			return nil, err
		}
		if len(in.Album) != albumKeyLength || !alphanumeric(in.Album) {
			return nil, Invalidf("album", "%q is not an album key: %d letters and digits", clip(in.Album), albumKeyLength)
		}
	case Entrust:
	default:
		return nil, Invalidf("as", "webhooks of dialect %q cannot be imported", clip(string(in.Dialect)))
	}
	for _, err := range in.Records() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
	}
	if in.Dialect == Kheops {
		if err := m.makeAlbum(ctx); err != nil {
			return nil, err
		}
	}
	for record, err := range in.Records() {
		if err != nil {
			return nil, err
		}
		if err := m.take(ctx, record); err != nil {
			return nil, err
		}
	}
	entry := auditEntry(ctx, "import", ID{KindAccount, ""}, []AuditChange{
		{Field: string(in.Dialect), New: fmt.Sprintf("created %d, updated %d, unchanged %d, refused %d",
			m.summary.Created, m.summary.Updated, m.summary.Unchanged, m.summary.Refused)},
	})
	return &m.summary, s.store.Write(ctx, insert(entry))
}

type importer struct {
	*Service
	in      Import
	summary ImportSummary
	// seen are the keys of the input, with their positions.
	seen map[string]int
	now  time.Time
	// turn numbers the webhooks that were made, to keep their order.
	turn int64
}

func (m *importer) makeAlbum(ctx context.Context) error {
	a, err := m.store.Albums().Get(ctx, m.in.Album)
	if err != nil || a != nil {
		return err
	}
	id := ID{KindAlbum, m.in.Album}
	if err := m.refuseDeleting(ctx, id); err != nil {
		return err
	}
	a = &Album{Meta: Meta{Key: m.in.Album, Created: m.now}, Name: m.in.Album, MemberPermissions: DefaultMemberPermissions()}
	return m.create(ctx, "import", a)
}

// take takes over one record. It returns only errors that end the import.
func (m *importer) take(ctx context.Context, r *Record) error {
	outcome, err := m.record(ctx, r)
	for try := 0; CodeOf(err) == Stale && try < maxRetries; try++ {
		outcome, err = m.record(ctx, r)
	}
	var refusal *Error
	switch {
	case errors.As(err, &refusal) && (refusal.Code == Invalid || refusal.Code == Conflict):
		m.summary.Refused++
		if len(m.summary.Refusals) < MaxRefusals {
			m.summary.Refusals = append(m.summary.Refusals, Refusal{r.Position, refusal.Field, refusal.Message})
		}
	case err != nil:
		return fmt.Errorf("record %d: %w", r.Position, err)
	default:
		*outcome++
	}
	if m.in.Progress != nil {
		m.in.Progress(r.Position)
	}
	return nil
}

func (m *importer) record(ctx context.Context, r *Record) (outcome *int, err error) {
	if r.Err != nil {
		return nil, r.Err
	}
	key := r.Webhook.Key
	if first, twice := m.seen[key]; twice && first != r.Position {
		return nil, Conflictf("id", "%s occurs twice: first in record %d", clip(key), first)
	}
	m.seen[key] = r.Position
	var changes []Change
	owner := ID{Kind: KindAccount}
	switch m.in.Dialect {
	case Kheops:
		owner = ID{KindAlbum, m.in.Album}
	case PageSeeder:
		if r.Client == nil {
			return nil, Invalidf("client", "is missing")
		}
		owner = ID{KindClient, r.Client.Key}
		if changes, err = m.takeClient(ctx, r); err != nil {
			return nil, err
		}
	}
	webhookChanges, outcome, err := m.takeWebhook(ctx, r, owner)
	if err != nil {
		return nil, err
	}
	if changes = append(changes, webhookChanges...); len(changes) == 0 {
		return outcome, nil
	}
	if outcome == &m.summary.Unchanged {
		outcome = &m.summary.Updated
	}
	return outcome, m.store.Write(ctx, changes...)
}

// sourceHash tells one state of a source from another.
func sourceHash(parts ...any) string {
	h := sha256.New()
	// Sealed values print as a mask; records carry none.
	if err := json.NewEncoder(h).Encode(parts); err != nil {
		panic(err)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func (m *importer) takeWebhook(ctx context.Context, r *Record, owner ID) ([]Change, *int, error) {
	next := *r.Webhook
	next.Owner, next.Source = owner.String(), sourceHash(r.Webhook, owner.String(), r.Last, r.Triggers)
	old, err := m.store.Webhooks().Get(ctx, next.Key)
	if err != nil {
		return nil, nil, err
	}
	if old != nil && (old.Dialect != next.Dialect || next.Dialect != PageSeeder && old.Owner != next.Owner) {
		return nil, nil, Conflictf("id", "%s is taken by another webhook", clip(next.Key))
	}
	if old != nil && old.Source == next.Source {
		return nil, &m.summary.Unchanged, nil
	}
	if old == nil {
		if err := m.refuseDeleting(ctx, next.GetID()); err != nil {
			return nil, nil, err
		}
		m.place(&next)
		next.CreatedBy = viewerName(ctx)
	} else {
		keepLocal(&next, old)
	}
	if next.Modified.IsZero() {
		next.Modified = m.now
	}
	next.ModifiedBy = viewerName(ctx)
	if err := next.validate(next.Subscriptions); err != nil {
		return nil, nil, err
	}
	triggers, err := m.takeTriggers(ctx, r, &next)
	if err != nil {
		return nil, nil, err
	}
	if old == nil {
		return append([]Change{insert(&next)}, triggers...), &m.summary.Created, nil
	}
	return append([]Change{replace(&next)}, triggers...), &m.summary.Updated, nil
}

// keepLocal keeps what a source does not know about a webhook.
func keepLocal(next, old *Webhook) {
	if next.Created.IsZero() {
		next.Created = old.Created
	}
	next.Version, next.CreatedBy = old.Version, old.CreatedBy
	next.Headers, next.RetryPolicy = old.Headers, old.RetryPolicy
	if next.SecretState == SecretUnknown && old.SecretState == SecretSet {
		next.Secret, next.SecretState = old.Secret, old.SecretState
		next.PreviousSecret, next.PreviousSecretUntil = old.PreviousSecret, old.PreviousSecretUntil
	}
}

// place gives a webhook that does not tell when it was created an instant that
// keeps the order of the list: Kheops lists the newest first, Entrust the oldest.
func (m *importer) place(w *Webhook) {
	if !w.Created.IsZero() {
		return
	}
	m.turn++
	step := time.Duration(m.turn) * time.Millisecond
	if w.Dialect == Kheops {
		step = -step
	}
	w.Created = m.now.Add(step)
}
