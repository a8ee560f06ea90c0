package sqlite

import (
	"context"
	"fmt"
)

const (
	looked    = 256  // deletions after which the free pages are counted
	spared    = 2048 // free pages that stay for what comes next
	perVacuum = 256  // pages given back at once, for a few milliseconds
)

// vacuum gives free pages back to the disk in small steps, after documents were
// deleted and while no write waits. Free pages up to a tenth of the file stay:
// they are taken again without growing it.
func (w *writer) vacuum() {
	ctx := context.Background()
	for w.deleted >= looked && len(w.queue) == 0 && !w.closing.Load() {
		var free, pages int64
		if w.conn.QueryRowContext(ctx, "PRAGMA freelist_count").Scan(&free) != nil ||
			w.conn.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages) != nil {
			return // the next commit meets the same trouble and reports it
		}
		if free <= max(spared, pages/10) {
			w.deleted = 0
			return
		}
		if _, err := w.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA incremental_vacuum(%d)", perVacuum)); err != nil {
			return
		}
	}
}
