package hook

import (
	"context"
	"encoding/json"
)

// An AlbumEvent is the data of an event that an operation on an album makes by
// itself. It is nobody's dialect: whoever delivers the event says it in theirs.
// People are in it as they were then: the album, and they, may be gone when it
// is delivered.
type AlbumEvent struct {
	// Actor is who caused it.
	Actor *Person `json:"actor,omitempty"`
	// Member is who it is about, if it is about somebody.
	Member *Person `json:"member,omitempty"`
}

// A Person is somebody as of an instant.
type Person struct {
	// Key is the key of the member; empty for a key that acts for nobody.
	Key   string `json:"key,omitempty"`
	Sub   string `json:"sub,omitempty"`
	Email string `json:"email,omitempty"`
	Name  string `json:"name,omitempty"`
	// APIKey is the key of the API key that acted for nobody.
	APIKey string `json:"apiKey,omitempty"`
	// IsAdmin tells whether the person was an admin of the album.
	IsAdmin bool `json:"isAdmin"`
}

// PersonIn returns a member as one of an album.
func PersonIn(a *Album, m *Member) *Person {
	_, isAdmin := a.HasMember(m.Key)
	return &Person{Key: m.Key, Sub: m.Sub, Email: m.Email, Name: m.DisplayName(), IsAdmin: isAdmin}
}

// AlbumEventBy returns the data of an event in an album that the viewer of the
// context causes, and that is about a member if one is given. A viewer who is no
// member, such as the admin key, goes by its name, and may do what an admin may.
// No permission is asked for: who may change the album may tell it who did.
func (s *Service) AlbumEventBy(ctx context.Context, a *Album, about *Member) (AlbumEvent, error) {
	var e AlbumEvent
	if about != nil {
		e.Member = PersonIn(a, about)
	}
	v := ViewerFrom(ctx)
	if v == nil {
		return e, nil
	}
	if v.Member != "" {
		m, err := s.store.Members().Get(ctx, v.Member)
		if err != nil {
			return e, err
		}
		if m != nil {
			e.Actor = PersonIn(a, m)
			return e, nil
		}
	}
	e.Actor = &Person{Name: v.Name, APIKey: v.APIKey, IsAdmin: true}
	return e, nil
}

// Text returns the data as an event has it.
func (e AlbumEvent) Text() string {
	text, err := json.Marshal(e)
	if err != nil { // the types have no values that cannot be written
		panic(err)
	}
	return string(text)
}
