package hook

import "context"

// only is a collection that seems to hold at most one entity: the list of a
// viewer who sees nothing but its own.
type only[T any] struct {
	Collection[T]
	entity *T
}

func (o only[T]) Find(_ context.Context, q Query) ([]*T, error) {
	if o.entity == nil {
		return nil, nil
	}
	if q.After != nil {
		c := comparePositions(positionOf(asEntity(o.entity), q.List, len(q.Equal)), q.After)
		if c == 0 || c < 0 != q.Reverse {
			return nil, nil
		}
	}
	return []*T{o.entity}, nil
}

func (o only[T]) Count(context.Context, Query) (int, error) {
	if o.entity == nil {
		return 0, nil
	}
	return 1, nil
}
