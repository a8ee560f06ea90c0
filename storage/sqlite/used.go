package sqlite

import "context"

// Used returns how many bytes of the file hold something: pages that were given
// free are taken again before the file grows.
func (e *Engine) Used(ctx context.Context) (int64, error) {
	r, err := e.acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer e.release(r)
	var pages, free, bytes int64
	for pragma, value := range map[string]*int64{"page_count": &pages, "freelist_count": &free, "page_size": &bytes} {
		if err := r.conn.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(value); err != nil {
			return 0, unavailable(err)
		}
	}
	return (pages - free) * bytes, nil
}
