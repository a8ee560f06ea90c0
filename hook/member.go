package hook

import (
	"strconv"
	"strings"
	"time"
)

// A Member is a person: a PageSeeder member, a Kheops user, or whoever signs in
// by a JWT.
type Member struct {
	Meta `bson:",inline"`
	// Number is PageSeeder's id, and the key as a number.
	Number int64 `bson:"number"`
	// Username is unique ignoring case; empty if the member has none.
	Username string `bson:"username,omitempty"`
	// Sub is the subject of an OpenID Connect provider; empty if unknown.
	Sub       string       `bson:"sub,omitempty"`
	Email     string       `bson:"email,omitempty"`
	FirstName string       `bson:"firstName,omitempty"`
	Surname   string       `bson:"surname,omitempty"`
	FullName  string       `bson:"fullName,omitempty"`
	Status    MemberStatus `bson:"status"`
	// Admin members reach everything.
	Admin      bool       `bson:"admin,omitempty"`
	ExternalID string     `bson:"externalId,omitempty"`
	Locked     bool       `bson:"locked,omitempty"`
	OnVacation bool       `bson:"onVacation,omitempty"`
	Modified   *time.Time `bson:"modified,omitempty" audit:"-"`
	Source     string     `bson:"source,omitempty" audit:"-"`

	UsernameKey string `bson:"usernameKey" audit:"-"`
	SubKey      string `bson:"subKey" audit:"-"`
	EmailKey    string `bson:"emailKey" audit:"-"`
	NameKey     string `bson:"nameKey" audit:"-"`
}

// MemberStatus is the state of a member's account (PageSeeder, section 6.5).
type MemberStatus string

// The statuses of members.
const (
	MemberActivated   MemberStatus = "ACTIVATED"
	MemberUnactivated MemberStatus = "UNACTIVATED"
	MemberSetPassword MemberStatus = "SET_PASSWORD"
	MemberDisabled    MemberStatus = "DISABLED"
)

// IsNode marks the type as a GraphQL node.
func (*Member) IsNode() {}

// GetID implements Entity.
func (m *Member) GetID() ID { return ID{KindMember, m.Key} }

// ID returns the id as text.
func (m *Member) ID() string { return m.GetID().String() }

// SetIndexed implements Entity. A member without a username or a subject gets
// its key in their place: the unique indexes must find a value in each member.
func (m *Member) SetIndexed() {
	m.UsernameKey = uniqueOr(fold(m.Username), m.Key)
	m.SubKey = uniqueOr(m.Sub, m.Key)
	m.EmailKey = fold(m.Email)
	m.NameKey = fold(m.label())
}

// uniqueOr returns a value for a unique index that takes every value once and
// has no room for missing ones.
func uniqueOr(value, key string) string {
	if value == "" {
		return "\x01" + key
	}
	return value
}

// label is the shortest name that people know the member by.
func (m *Member) label() string {
	for _, name := range []string{m.Username, m.FullName, m.Email, m.Sub} {
		if name != "" {
			return name
		}
	}
	return m.Key
}

// The limits of PageSeeder's member element (section 3.2).
const (
	maxPersonName = 50
	maxUsername   = 100
	maxSub        = 255
)

func (m *Member) validate() error {
	if m.Number < 1 || m.Key != numberKey(m.Number) {
		return Invalidf("id", "%q is not the id of a member: a positive number", clip(m.Key))
	}
	if m.Username == "" && m.Sub == "" && m.Email == "" {
		return Invalidf("username", "a member needs a username, a sub or an email")
	}
	if err := optionalLine("username", m.Username, maxUsername); err != nil {
		return err
	}
	if m.Username != "" && strings.Trim(m.Username, "0123456789") == "" {
		return Invalidf("username", "must not consist of digits only")
	}
	for _, f := range []struct {
		name, value string
		max         int
	}{
		{"sub", m.Sub, maxSub}, {"email", m.Email, maxUsername}, {"firstName", m.FirstName, maxPersonName},
		{"surname", m.Surname, maxPersonName}, {"fullName", m.FullName, 2*maxPersonName + 1}, {"externalId", m.ExternalID, maxUsername},
	} {
		if err := optionalLine(f.name, f.value, f.max); err != nil {
			return err
		}
	}
	if m.Email != "" && !strings.Contains(strings.Trim(m.Email, "@"), "@") {
		return Invalidf("email", "is not an email address")
	}
	switch m.Status {
	case MemberActivated, MemberUnactivated, MemberSetPassword, MemberDisabled:
	default:
		return Invalidf("status", "%q is not the status of a member", clip(string(m.Status)))
	}
	return nil
}

// numberKey is the key of an entity that has a number for an id.
func numberKey(number int64) string { return strconv.FormatInt(number, 10) }
