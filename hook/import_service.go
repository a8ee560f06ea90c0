package hook

import (
	"context"
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
// whole or not at all; a refused one does not keep the others out. If the database
// fails in between, the error comes with the summary of what was done, and the
// same import completes it.
func (s *Service) Import(ctx context.Context, in Import) (*ImportSummary, error) {
	if err := needEverywhere(ctx, Webhooks, All); err != nil {
		return nil, err
	}
	m := importer{Service: s, in: in, owner: ID{Kind: KindAccount}, seen: map[string]int{}, now: Now()}
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
		m.owner = ID{KindAlbum, in.Album}
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
		m.records++
	}
	err := m.run(ctx)
	if m.wrote || err == nil {
		if auditErr := m.audit(ctx); err == nil {
			err = auditErr
		} else if auditErr != nil {
			s.log.WarnContext(ctx, "an import that failed was not recorded", "error", auditErr)
		}
	}
	return &m.summary, err
}

type importer struct {
	*Service
	in Import
	// owner is that of all webhooks, unless each record has its client.
	owner   ID
	summary ImportSummary
	// records is how many there are.
	records int
	// seen are the keys of the input, with their positions.
	seen map[string]int
	now  time.Time
	// previous is when the webhook of the record before was created, by which the
	// next one is put in its place.
	previous time.Time
	// wrote: something was stored.
	wrote bool
	// madeAlbum: the album is new.
	madeAlbum bool
}

func (m *importer) run(ctx context.Context) error {
	if m.in.Dialect == Kheops {
		if err := m.makeAlbum(ctx); err != nil {
			return err
		}
	}
	for record, err := range m.in.Records() {
		if err != nil {
			return err
		}
		if err := m.take(ctx, record); err != nil {
			return err
		}
	}
	return nil
}

// audit records the import: one entry for all of it.
func (m *importer) audit(ctx context.Context) error {
	n := m.summary
	changes := []AuditChange{{
		Field: string(m.in.Dialect),
		New:   fmt.Sprintf("created %d, updated %d, unchanged %d, refused %d", n.Created, n.Updated, n.Unchanged, n.Refused),
	}}
	if m.madeAlbum {
		changes = append(changes, AuditChange{Field: "album", New: m.in.Album})
	}
	return m.store.Write(ctx, insert(auditEntry(ctx, "import", m.owner, changes)))
}

func (m *importer) makeAlbum(ctx context.Context) error {
	a, err := m.store.Albums().Get(ctx, m.in.Album)
	if err != nil || a != nil {
		return err
	}
	if err := m.refuseDeleting(ctx, m.owner); err != nil {
		return err
	}
	a = &Album{Meta: Meta{Key: m.in.Album, Created: m.now}, Name: m.in.Album, MemberPermissions: DefaultMemberPermissions()}
	if err := m.store.Write(ctx, insert(a)); err != nil {
		return err
	}
	m.wrote, m.madeAlbum = true, true
	return nil
}

// take takes over one record. It returns only errors that end the import.
func (m *importer) take(ctx context.Context, r *Record) error {
	outcome, err := m.record(ctx, r)
	for try := 0; (CodeOf(err) == Stale || slotTaken(err)) && try < maxRetries; try++ {
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
	owner := m.owner
	if m.in.Dialect == PageSeeder {
		if r.Client == nil {
			return nil, Invalidf("client", "is missing")
		}
		owner = r.Client.GetID()
		if changes, err = m.takeClient(ctx, r); err != nil {
			return nil, err
		}
	}
	w, webhookChanges, outcome, err := m.takeWebhook(ctx, r, owner)
	if err != nil {
		return nil, err
	}
	if changes = append(changes, webhookChanges...); len(changes) > 0 {
		if outcome == &m.summary.Unchanged {
			outcome = &m.summary.Updated
		}
		if err := m.store.Write(ctx, changes...); err != nil {
			return nil, taken(err)
		}
		m.wrote = true
	}
	m.previous = w.Created
	return outcome, nil
}

// taken puts a conflict that the store found where the record has the value.
func taken(err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Code != Conflict {
		return err
	}
	switch e.Kind {
	case KindClient:
		return within("client", e)
	case KindMember:
		return within("client.member", e)
	case KindTrigger:
		return within("last_triggers", e)
	}
	return e
}

// takeWebhook takes over the webhook of a record. Its triggers come before it:
// once its source is stored, the record counts as done.
func (m *importer) takeWebhook(ctx context.Context, r *Record, owner ID) (*Webhook, []Change, *int, error) {
	next := *r.Webhook
	next.Owner = owner.String()
	source, err := sourceHash(r.Webhook, next.Owner, r.Last, r.Triggers)
	if err != nil {
		return nil, nil, nil, err
	}
	next.Source = source
	old, err := m.store.Webhooks().Get(ctx, next.Key)
	if err != nil {
		return nil, nil, nil, err
	}
	if old != nil && !sameWebhook(old, &next) {
		return nil, nil, nil, Conflictf("id", "%s is taken by another webhook", clip(next.Key))
	}
	if old != nil && old.Source == next.Source {
		return old, nil, &m.summary.Unchanged, nil
	}
	if old == nil {
		if err := m.refuseDeleting(ctx, next.GetID()); err != nil {
			return nil, nil, nil, err
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
		return nil, nil, nil, err
	}
	changes, err := m.takeTriggers(ctx, r, &next, old == nil)
	if err != nil {
		return nil, nil, nil, err
	}
	freed, err := m.claim(ctx, old, &next)
	if err != nil {
		return nil, nil, nil, err
	}
	changes = append(changes, freed...)
	if old == nil {
		return &next, append(changes, insert(&next)), &m.summary.Created, nil
	}
	return &next, append(changes, replace(&next)), &m.summary.Updated, nil
}

// sameWebhook reports whether a webhook that has the key of an imported one is
// that. PageSeeder moves webhooks between clients; of two webhooks with one
// number, one was created at another time.
func sameWebhook(old, next *Webhook) bool {
	if old.Dialect != next.Dialect {
		return false
	}
	return old.Owner == next.Owner || old.Dialect == PageSeeder && old.Created.Unix() == next.Created.Unix()
}

// keepLocal keeps what a source does not know about a webhook.
func keepLocal(next, old *Webhook) {
	if next.Created.IsZero() {
		next.Created = old.Created
	}
	next.Version, next.CreatedBy = old.Version, old.CreatedBy
	next.Headers, next.RetryPolicy, next.Slot = old.Headers, old.RetryPolicy, old.Slot
	next.Handshake = old.Handshake
	if next.SecretState == SecretUnknown && old.SecretState == SecretSet {
		next.Secret, next.SecretState = old.Secret, old.SecretState
		next.PreviousSecret, next.PreviousSecretUntil = old.PreviousSecret, old.PreviousSecretUntil
	}
}

// place gives a webhook that does not tell when it was created an instant that
// keeps the order of the list, also when an import goes on where another one was
// cut short: Kheops lists the newest first, Entrust the oldest.
func (m *importer) place(w *Webhook) {
	switch {
	case !w.Created.IsZero():
	case m.previous.IsZero() && w.Dialect == Kheops:
		w.Created = m.now
	case m.previous.IsZero():
		w.Created = m.now.Add(-time.Duration(m.records) * time.Millisecond)
	case w.Dialect == Kheops:
		w.Created = m.previous.Add(-time.Millisecond)
	default:
		w.Created = m.previous.Add(time.Millisecond)
	}
}
