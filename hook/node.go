package hook

import "context"

// Nodes returns the nodes of ids, in their order, nil for those that do not
// exist or that the viewer may not see. One read is made for each kind.
func (s *Service) Nodes(ctx context.Context, ids []ID) ([]Entity, error) {
	if ViewerFrom(ctx) == nil {
		return nil, &Error{Code: Unauthenticated, Message: "a credential is needed"}
	}
	nodes := make([]Entity, len(ids))
	places := map[Kind][]int{}
	for i, id := range ids {
		places[id.Kind] = append(places[id.Kind], i)
	}
	for kind, at := range places {
		keys := make([]string, len(at))
		for i, place := range at {
			keys[i] = ids[place].Key
		}
		found, err := s.nodesOfKind(ctx, kind, keys)
		if err != nil && CodeOf(err) != Forbidden {
			return nil, err
		}
		for i, e := range found {
			nodes[at[i]] = e
		}
	}
	return nodes, nil
}

// Node returns the node of an id, nil if it does not exist or the viewer may not
// see it.
func (s *Service) Node(ctx context.Context, id ID) (Entity, error) {
	if ViewerFrom(ctx) == nil {
		return nil, &Error{Code: Unauthenticated, Message: "a credential is needed"}
	}
	found, err := s.nodesOfKind(ctx, id.Kind, []string{id.Key})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

func (s *Service) nodesOfKind(ctx context.Context, kind Kind, keys []string) ([]Entity, error) {
	switch kind {
	case KindMember:
		return entities(s.MembersByKey(ctx, keys))
	case KindClient:
		return entities(s.ClientsByKey(ctx, keys))
	case KindAlbum:
		return entities(s.AlbumsByKey(ctx, keys))
	case KindWebhook:
		return entities(s.WebhooksByKey(ctx, keys))
	case KindEvent:
		return entities(s.EventsByKey(ctx, keys))
	case KindTrigger:
		return entities(s.TriggersByKey(ctx, keys))
	case KindAPIKey:
		return entities(s.APIKeysByKey(ctx, keys))
	case KindReplay:
		return entities(s.ReplaysByKey(ctx, keys))
	case KindAuditEntry:
		if err := needEverywhere(ctx, Audit, View); err != nil {
			return nil, err
		}
		return entities(s.store.AuditEntries().GetMany(ctx, keys))
	}
	return nil, nil
}

func entities[T any](list []*T, err error) ([]Entity, error) {
	if err != nil {
		return nil, err
	}
	nodes := make([]Entity, len(list))
	for i, e := range list {
		if e != nil {
			nodes[i] = asEntity(e)
		}
	}
	return nodes, nil
}
