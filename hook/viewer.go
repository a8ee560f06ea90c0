package hook

import (
	"context"
	"slices"
)

// A Viewer is who is calling. The room auth makes it from a request; the
// Service decides by it what may be seen and done.
type Viewer struct {
	// Name is how the audit log calls the viewer.
	Name string
	// Permissions limit what the viewer may do at all.
	Permissions PermissionSet
	// Global: the permissions hold for every object. Otherwise they hold for
	// what belongs to Owner, or to Member and the albums that Member is in.
	Global bool
	// Member is the key of the member that the viewer is or acts as.
	Member string
	// Owner is the only client, album or account whose webhooks the viewer
	// reaches; zero for none.
	Owner ID
	// APIKey is the key of the API key that was used, if any.
	APIKey string
}

// AdminViewer returns the viewer of the admin key.
func AdminViewer() *Viewer {
	return &Viewer{Name: "admin key", Permissions: PermissionSet{PermissionAll}, Global: true}
}

// MemberViewer returns the viewer of a member who has signed in: an
// administrator reaches everything, others what is theirs.
func MemberViewer(m *Member) *Viewer {
	return &Viewer{Name: "member " + m.label(), Permissions: PermissionSet{PermissionAll}, Global: m.Admin, Member: m.Key}
}

type viewerKey struct{}

// WithViewer returns a context that carries the viewer.
func WithViewer(ctx context.Context, v *Viewer) context.Context {
	return context.WithValue(ctx, viewerKey{}, v)
}

// ViewerFrom returns the viewer of a context, or nil if nobody is signed in.
func ViewerFrom(ctx context.Context) *Viewer {
	v, _ := ctx.Value(viewerKey{}).(*Viewer)
	return v
}

// May reports whether the viewer may do the action on some objects of the
// entity. Which ones, the objects decide.
func (v *Viewer) May(entity, action string) bool { return v.Permissions.Holds(entity, action) }

// isAdministrator reports whether the viewer may do everything.
func (v *Viewer) isAdministrator() bool {
	return v.Global && v.Permissions.Covers(PermissionSet{PermissionAll})
}

// withPermission lets the viewer look at what it may change.
func withPermission(ctx context.Context, entity, action string) context.Context {
	v := *ViewerFrom(ctx)
	v.Permissions = append(slices.Clip(v.Permissions), Permission(entity+":"+action))
	return WithViewer(ctx, &v)
}

// need returns the viewer if it may do the action on some objects of the
// entity, else UNAUTHENTICATED or FORBIDDEN.
func need(ctx context.Context, entity, action string) (*Viewer, error) {
	v := ViewerFrom(ctx)
	if v == nil {
		return nil, &Error{Code: Unauthenticated, Message: "a credential is needed"}
	}
	if !v.May(entity, action) {
		return nil, forbidden(entity, action)
	}
	return v, nil
}

func forbidden(entity, action string) *Error {
	p := Permission(entity + ":" + action)
	return &Error{Code: Forbidden, Missing: p, Message: string(p) + " required"}
}
