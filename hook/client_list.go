package hook

import (
	"context"
	"iter"
)

// ClientsOf returns the clients of a member, the oldest first, page by page. It
// is for the member itself and for administrators: FORBIDDEN for others.
func (s *Service) ClientsOf(ctx context.Context, member string) (iter.Seq2[[]*Client, error], error) {
	v, err := need(ctx, Clients, View)
	if err != nil {
		return nil, err
	}
	if !v.Global && v.Member != member {
		return nil, onlyAdministrators("")
	}
	return func(yield func([]*Client, error) bool) {
		q := Query{List: ClientsByMember, Equal: []any{member}, Limit: MaxPage}
		for {
			page, err := s.store.Clients().Find(ctx, q)
			if err != nil || len(page) == 0 {
				if err != nil {
					yield(nil, err)
				}
				return
			}
			if !yield(page, nil) || len(page) < q.Limit {
				return
			}
			q.After = positionOf(page[len(page)-1], q.List, len(q.Equal))
		}
	}, nil
}
