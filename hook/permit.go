package hook

import (
	"context"
	"strings"
)

// Permit checks permissions for the webhooks or events of an owner, as the
// operations on them do, so that a dialect can refuse a caller before it looks
// at the input: NOT_FOUND if the viewer may not know of the owner, else
// FORBIDDEN with the permission that is missing.
func (s *Service) Permit(ctx context.Context, owner ID, permissions ...Permission) error {
	for _, p := range permissions {
		entity, action, _ := strings.Cut(string(p), ":")
		v, err := needOwned(ctx, entity, action)
		if err != nil {
			return err
		}
		if err := s.permitOwner(ctx, v, owner, entity, action); err != nil {
			return err
		}
	}
	return nil
}
