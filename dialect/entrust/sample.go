package entrust

import (
	"bytes"
	"encoding/json"
	"strings"
)

// data is the data of a message (section 7.1). It begins with who acted;
// management events tell what was acted on.
type data struct {
	Subject      string `json:"subject"`
	SubjectName  string `json:"subjectName"`
	SubjectType  string `json:"subjectType"`
	ResourceName string `json:"resourceName"`
	SourceIP     string `json:"sourceIp"`
	// Token is the authenticator that was used.
	Token      string `json:"token,omitempty"`
	RoleName   string `json:"subscriberAdminRoleName,omitempty"`
	EntityType string `json:"entityType,omitempty"`
	EntityID   string `json:"entityId,omitempty"`
	EntityName string `json:"entityName,omitempty"`
	Attributes any    `json:"entityAttributes,omitempty"`
}

// What samples tell of nobody: the domain and the address are reserved for
// examples (RFC 2606, RFC 5737).
const (
	sampleUser    = "example.user"
	sampleAddress = "example.user@example.com"
	sampleID      = "00000000-0000-4000-8000-000000000002"
	sampleSerial  = "10001"
)

// The attributes of the entities (section 7.2).
type (
	userAttributes struct {
		UserID    string `json:"userId"`
		FirstName string `json:"firstName"`
		LastName  string `json:"lastName"`
		Email     string `json:"email"`
	}
	gridAttributes struct {
		SerialNumber int    `json:"serialNumber"`
		Expired      bool   `json:"expired"`
		State        string `json:"state"`
		Type         string `json:"type"`
		UserID       string `json:"userId"`
		CreateDate   string `json:"createDate"`
	}
	passkeyAttributes struct {
		UserIDStored   bool   `json:"userIdStored"`
		RelyingPartyID string `json:"relyingPartyId"`
		Origin         string `json:"origin"`
	}
	contactAttributes struct {
		ContactValue  string `json:"contactValue"`
		MagicLinkType string `json:"magicLinkType,omitempty"`
		ContactType   string `json:"contactType"`
	}
	faceAttributes struct {
		UserID string `json:"userId"`
		Status string `json:"status"`
	}
	signInAttributes struct {
		RegistrationRequired bool `json:"registrationRequired"`
	}
)

var (
	contact = contactAttributes{ContactValue: sampleAddress, ContactType: "Email"}
	passkey = passkeyAttributes{true, "example.com", "https://example.com"}
	user    = userAttributes{sampleUser, "Example", "User", sampleAddress}
)

// An entity is what a management event acts on.
type entity struct {
	kind, name string
	attributes any
}

// entities are those of the documented event types; what the documentation does
// not show follows the others of its kind (section 12, no. 26).
var entities = map[string]entity{
	"user.created":                {"USERS", sampleUser, user},
	"user.updated":                {"USERS", sampleUser, user},
	"user.deleted":                {"USERS", sampleUser, user},
	"user.registration.completed": {"USERS", sampleUser, user},
	"password.updated":            {"USERPASSWORDS", sampleUser, nil},
	"kba.question.created":        {"USERQUESTIONS", "What is an example?", nil},
	"grid.created": {"GRIDS", sampleSerial, gridAttributes{
		10001, false, "PENDING", "GRID_CARD", sampleUser, "2026-01-01T00:00:00Z",
	}},
	"grid.email.sent":          {"GRIDS", sampleSerial, contact},
	"grid.password.email.sent": {"GRIDS", sampleSerial, contact},
	"passkey.created":          {"FIDOTOKENS", "Example passkey", passkey},
	"passkey.updated":          {"FIDOTOKENS", "Example passkey", passkey},
	"passkey.deleted":          {"FIDOTOKENS", "Example passkey", passkey},
	"magiclink.email.sent":     {"MAGICLINKS", sampleUser, contactAttributes{sampleAddress, "Registration", "Email"}},
	"face.biometric.created":   {"FACE", sampleSerial, faceAttributes{sampleUser, "ACTIVATING"}},
}

// entityOf returns what events of a type act on. Nothing is documented of those
// of tokens and credentials.
func entityOf(eventType string) entity {
	if e, found := entities[eventType]; found {
		return e
	}
	if strings.HasPrefix(eventType, "credential.") {
		return entity{"CREDENTIALS", sampleSerial, nil}
	}
	return entity{"TOKENS", sampleSerial, nil}
}

// sampleData returns the data of an event that did not happen.
func sampleData(eventType string) (json.RawMessage, error) {
	d := data{
		Subject: "00000000-0000-4000-8000-000000000001", SubjectName: "example.administrator", SubjectType: "USER",
		ResourceName: "Administration Portal", SourceIP: "192.0.2.1",
	}
	switch eventType {
	case "authentication.succeeded", "authentication.failed":
		d.SubjectName, d.ResourceName, d.Token = sampleUser, "User Portal", "OTP"
		if eventType == "authentication.succeeded" {
			d.Attributes = signInAttributes{}
		}
	default:
		e := entityOf(eventType)
		d.RoleName, d.EntityType, d.EntityID, d.EntityName = "Super Administrator", e.kind, sampleID, e.name
		if e.attributes != nil {
			d.Attributes = e.attributes
		}
	}
	var text bytes.Buffer
	err := write(&text, d)
	return text.Bytes(), err
}

// Sample implements delivery.Sampler.
func (*API) Sample(eventType string) string {
	text, err := sampleData(eventType)
	if err != nil { // the types have no values that cannot be written
		panic(err)
	}
	return string(text)
}
