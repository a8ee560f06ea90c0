package hook

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"time"
)

// maxAuditValue is how much of a value the audit log keeps, in bytes.
const maxAuditValue = 256

// audited counts the entries of this process.
var audited atomic.Uint64

// auditKey returns a key that sorts behind those before it, so that entries of
// one millisecond stay in their order.
func auditKey() string {
	const digits = 6
	return fmt.Sprintf("%0*d", digits, audited.Add(1)%1_000_000) + newKey(webhookKeyLength-digits)
}

func auditEntry(ctx context.Context, operation string, node ID, changes []AuditChange) *AuditEntry {
	return &AuditEntry{
		Meta: Meta{Key: auditKey(), Created: Now()},
		Who:  viewerName(ctx), Operation: operation, Node: node.String(), Changes: changes,
	}
}

// auditChanges returns the stored fields in which two states of an entity
// differ; old is nil for a new one. Fields tagged audit:"-" are left out, and
// sealed values print as [secret].
func auditChanges(old, next Entity) []AuditChange {
	var changes []AuditChange
	b := reflect.ValueOf(next).Elem()
	a := reflect.Zero(b.Type())
	if old != nil {
		a = reflect.ValueOf(old).Elem()
	}
	for _, f := range reflect.VisibleFields(b.Type()) {
		name, _, _ := strings.Cut(f.Tag.Get("bson"), ",")
		if name == "" || f.Tag.Get("audit") == "-" {
			continue
		}
		before, after := a.FieldByIndex(f.Index), b.FieldByIndex(f.Index)
		if same(before, after) {
			continue
		}
		changes = append(changes, AuditChange{Field: name, Old: auditValue(before), New: auditValue(after)})
	}
	return changes
}

// same reports whether two values would be stored alike: nil and empty slices
// are, and instants in any zone.
func same(a, b reflect.Value) bool {
	if t, ok := a.Interface().(time.Time); ok {
		return t.Equal(b.Interface().(time.Time))
	}
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return same(a.Elem(), b.Elem())
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

func auditValue(v reflect.Value) string {
	if v.IsZero() && v.Kind() != reflect.Bool {
		return ""
	}
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return ""
	}
	if len(text) > maxAuditValue {
		return strings.ToValidUTF8(string(text[:maxAuditValue]), "") + "…"
	}
	return string(text)
}

// AuditFilter chooses audit entries.
type AuditFilter struct {
	// Node limits them to those about one node, which may be gone.
	Node ID
}

// AuditEntries lists the audit log, the latest first.
func (s *Service) AuditEntries(ctx context.Context, filter AuditFilter, args PageArgs) (*Connection[AuditEntry], error) {
	if err := needEverywhere(ctx, Audit, View); err != nil {
		return nil, err
	}
	l := listing[AuditEntry]{collection: s.store.AuditEntries(), name: "audit", list: ByCreated, newestFirst: true, countLimit: CountLimit}
	if !filter.Node.IsZero() {
		l.list, l.equal = AuditByNode, []any{filter.Node.String()}
	}
	return l.page(ctx, s.vault, args)
}

// CountLimit is where the totals of triggers, events and audit entries stop.
const CountLimit = 10_000

// needEverywhere is need for what is nobody's own.
func needEverywhere(ctx context.Context, entity, action string) error {
	v, err := need(ctx, entity, action)
	if err == nil && !v.Global {
		return forbidden(entity, action)
	}
	return err
}
