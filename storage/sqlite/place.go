package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
)

// advance gives a document the next place in the order of changes: the given
// one, or a higher one if a change that came to the writer before has that. A
// place that a failure or a rollback leaves unused is not given again.
func (w *writer) advance(t *table, r *row) {
	if t.sequence < 0 {
		return
	}
	given := int64(binary.LittleEndian.Uint64(r.place))
	w.place = max(given, w.place+1)
	r.setPlace(t, w.place)
}

// setPlace changes the place in the document and in its index key.
func (r *row) setPlace(t *table, place int64) {
	binary.LittleEndian.PutUint64(r.place, uint64(place))
	r.values[t.sequence] = place
}

// highestPlace returns the highest place that a document has.
func highestPlace(ctx context.Context, conn *sql.Conn, tables map[string]*table) (int64, error) {
	highest := int64(0)
	for _, t := range tables {
		if t.sequence < 0 {
			continue
		}
		var place sql.NullInt64
		text := fmt.Sprintf("SELECT MAX(%s) FROM %s", quote(t.Sequence), quote(t.Name))
		if err := conn.QueryRowContext(ctx, text).Scan(&place); err != nil {
			return 0, err
		}
		highest = max(highest, place.Int64)
	}
	return highest, nil
}
