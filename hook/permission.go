package hook

import (
	"slices"
	"strings"
)

// A Permission is an entity and an action, like WEBHOOKS:VIEW, or ALL.
type Permission string

// PermissionAll grants everything.
const PermissionAll Permission = "ALL"

// The entities and actions of permissions.
const (
	Webhooks = "WEBHOOKS"
	Clients  = "CLIENTS"
	Members  = "MEMBERS"
	Albums   = "ALBUMS"
	Keys     = "KEYS"
	Events   = "EVENTS"
	Audit    = "AUDIT"

	View    = "VIEW"
	Add     = "ADD"
	Edit    = "EDIT"
	Remove  = "REMOVE"
	All     = "ALL"
	Publish = "PUBLISH"
)

// Permissions lists every permission there is.
var Permissions = func() []Permission {
	list := []Permission{PermissionAll}
	for _, entity := range []string{Webhooks, Clients, Members, Albums, Keys} {
		for _, action := range []string{View, Add, Edit, Remove, All} {
			list = append(list, Permission(entity+":"+action))
		}
	}
	return append(list, Permission(Events+":"+View), Permission(Events+":"+Publish), Permission(Audit+":"+View))
}()

// A PermissionSet is what an API key may do.
type PermissionSet []Permission

// Holds reports whether the set grants an action on an entity, by itself or by
// ENTITY:ALL or ALL.
func (s PermissionSet) Holds(entity, action string) bool {
	for _, p := range s {
		if p == PermissionAll {
			return true
		}
		e, a, _ := strings.Cut(string(p), ":")
		if e == entity && (a == action || a == All) {
			return true
		}
	}
	return false
}

// Covers reports whether the set grants all that the other one grants.
func (s PermissionSet) Covers(other PermissionSet) bool {
	for _, p := range other {
		if p == PermissionAll {
			if !slices.Contains(s, PermissionAll) {
				return false
			}
			continue
		}
		entity, action, _ := strings.Cut(string(p), ":")
		if !s.Holds(entity, action) {
			return false
		}
	}
	return true
}

func validPermissions(field string, list []Permission) (PermissionSet, error) {
	if len(list) == 0 {
		return nil, Invalidf(field, "at least one permission is needed")
	}
	set := make(PermissionSet, 0, len(list))
	for _, p := range list {
		if !slices.Contains(Permissions, p) {
			return nil, Invalidf(field, "%q is not a permission", clip(string(p)))
		}
		if !slices.Contains(set, p) {
			set = append(set, p)
		}
	}
	return set, nil
}
