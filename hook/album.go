package hook

import (
	"slices"
	"time"
)

// An Album is a Kheops album: a set of medical images that members share.
type Album struct {
	Meta        `bson:",inline"`
	Name        string `bson:"name"`
	Description string `bson:"description,omitempty"`
	// Modalities are DICOM modality codes in alphabetical order.
	Modalities []string `bson:"modalities,omitempty"`
	// The counts are what the last import or update said.
	Comments  int64 `bson:"comments,omitempty"`
	Studies   int64 `bson:"studies,omitempty"`
	Series    int64 `bson:"series,omitempty"`
	Instances int64 `bson:"instances,omitempty"`
	// MemberPermissions are what members who are no admins may do.
	MemberPermissions MemberPermissions `bson:"memberPermissions"`
	// Members are in the order of their keys.
	Members  []AlbumMember `bson:"members,omitempty"`
	Modified *time.Time    `bson:"modified,omitempty" audit:"-"`

	NameKey    string   `bson:"nameKey" audit:"-"`
	MemberKeys []string `bson:"memberKeys" audit:"-"`
}

// MemberPermissions are what ordinary members of an album may do (Kheops,
// section 8).
type MemberPermissions struct {
	AddUser        bool `bson:"addUser"`
	DownloadSeries bool `bson:"downloadSeries"`
	SendSeries     bool `bson:"sendSeries"`
	DeleteSeries   bool `bson:"deleteSeries"`
	AddSeries      bool `bson:"addSeries"`
	WriteComments  bool `bson:"writeComments"`
}

// DefaultMemberPermissions are those of a new album.
func DefaultMemberPermissions() MemberPermissions {
	return MemberPermissions{DownloadSeries: true, SendSeries: true, AddSeries: true, WriteComments: true}
}

// An AlbumMember is a member's place in an album.
type AlbumMember struct {
	Member  string `bson:"member"`
	IsAdmin bool   `bson:"isAdmin"`
}

// IsNode marks the type as a GraphQL node.
func (*Album) IsNode() {}

// GetID implements Entity.
func (a *Album) GetID() ID { return ID{KindAlbum, a.Key} }

// ID returns the id as text.
func (a *Album) ID() string { return a.GetID().String() }

// SetIndexed implements Entity.
func (a *Album) SetIndexed() {
	a.NameKey = fold(a.Name)
	a.MemberKeys = make([]string, len(a.Members))
	for i, m := range a.Members {
		a.MemberKeys[i] = m.Member
	}
}

// place returns where a member stands, or would stand, in the album.
func (a *Album) place(member string) (int, bool) {
	return slices.BinarySearchFunc(a.Members, member, func(m AlbumMember, key string) int {
		switch {
		case m.Member < key:
			return -1
		case m.Member > key:
			return 1
		}
		return 0
	})
}

// HasMember reports whether the member is in the album, and whether as admin.
func (a *Album) HasMember(member string) (isMember, isAdmin bool) {
	if member == "" {
		return false, false
	}
	i, found := a.place(member)
	return found, found && a.Members[i].IsAdmin
}

// setMember adds or changes a member's place. The slice is made anew: other
// readers may hold the old one.
func (a *Album) setMember(member string, isAdmin bool) {
	i, found := a.place(member)
	members := slices.Clone(a.Members)
	if found {
		members[i].IsAdmin = isAdmin
	} else {
		members = slices.Insert(members, i, AlbumMember{member, isAdmin})
	}
	a.Members = members
}

func (a *Album) removeMember(member string) {
	if i, found := a.place(member); found {
		a.Members = slices.Delete(slices.Clone(a.Members), i, i+1)
	}
}

// maxAlbumMembers keeps an album one document of reasonable size.
const maxAlbumMembers = 5000

func (a *Album) validate() error {
	if len(a.Key) != albumKeyLength || !alphanumeric(a.Key) {
		return Invalidf("key", "%q is not an album key: %d letters and digits", clip(a.Key), albumKeyLength)
	}
	if err := validLine("name", a.Name, maxName); err != nil {
		return err
	}
	if err := validText("description", a.Description, maxDescription); err != nil {
		return err
	}
	if len(a.Modalities) > 100 {
		return Invalidf("modalities", "at most 100 are allowed")
	}
	for _, m := range a.Modalities {
		if err := validLine("modalities", m, 16); err != nil {
			return err
		}
	}
	if len(a.Members) > maxAlbumMembers {
		return Invalidf("members", "an album has at most %d members", maxAlbumMembers)
	}
	return nil
}

func alphanumeric(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9') {
			return false
		}
	}
	return true
}
