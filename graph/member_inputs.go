package graph

import (
	"github.com/99designs/gqlgen/graphql"

	"github.com/hookgraph/hookgraph/hook"
)

// Fields are the fields that the caller gave.
func (i *CreateMemberInput) Fields() hook.MemberFields {
	return hook.MemberFields{
		Username: cleared(i.Username), Sub: cleared(i.Sub), Email: cleared(i.Email), FirstName: cleared(i.FirstName),
		Surname: cleared(i.Surname), FullName: cleared(i.FullName), Status: given(i.Status), Admin: given(i.Admin),
		ExternalID: cleared(i.ExternalID), Locked: given(i.Locked), OnVacation: given(i.OnVacation),
	}
}

// Fields are the fields that the caller gave.
func (i *UpdateMemberInput) Fields() hook.MemberFields {
	return (&CreateMemberInput{
		i.Username, i.Sub, i.Email, i.FirstName, i.Surname, i.FullName, i.Status, i.Admin, i.ExternalID, i.Locked, i.OnVacation,
	}).Fields()
}

// Fields are the fields that the caller gave.
func (i *UpdateClientInput) Fields() (hook.ClientFields, error) {
	member, err := reference(hook.KindMember, "member", i.Member)
	return hook.ClientFields{
		Name: cleared(i.Name), GrantType: given(i.GrantType), Confidential: given(i.Confidential), RequiresConsent: given(i.RequiresConsent),
		Description: cleared(i.Description), ClientURI: cleared(i.ClientURI), RedirectURI: cleared(i.RedirectURI),
		Scope: cleared(i.Scope), App: cleared(i.App), AccessTokenMaxAge: int64s(i.AccessTokenMaxAge),
		RefreshTokenMaxAge: int64s(i.RefreshTokenMaxAge), WebhookSecret: secret(i.WebhookSecret), Member: member,
	}, err
}

// Fields are the fields that the caller gave.
func (i *CreateClientInput) Fields() (hook.ClientFields, error) {
	return (&UpdateClientInput{
		Name: graphql.OmittableOf(&i.Name), GrantType: i.GrantType, Confidential: i.Confidential, RequiresConsent: i.RequiresConsent,
		Description: i.Description, ClientURI: i.ClientURI, RedirectURI: i.RedirectURI, Scope: i.Scope, App: i.App,
		AccessTokenMaxAge: i.AccessTokenMaxAge, RefreshTokenMaxAge: i.RefreshTokenMaxAge, WebhookSecret: i.WebhookSecret, Member: i.Member,
	}).Fields()
}

// Fields are the fields that the caller gave.
func (i *UpdateAlbumInput) Fields() hook.AlbumFields {
	fields := hook.AlbumFields{Name: cleared(i.Name), Description: cleared(i.Description), Modalities: list(i.Modalities)}
	if p := i.MemberPermissions.Value(); p != nil {
		fields.MemberPermissions = hook.Set(hook.MemberPermissions(*p))
	}
	return fields
}

// Fields are the fields that the caller gave.
func (i *CreateAlbumInput) Fields() hook.AlbumFields {
	return (&UpdateAlbumInput{
		Name: graphql.OmittableOf(&i.Name), Description: i.Description, Modalities: i.Modalities, MemberPermissions: i.MemberPermissions,
	}).Fields()
}

// Fields are the fields that the caller gave.
func (i *CreateAPIKeyInput) Fields() (hook.APIKeyFields, error) {
	member, err := reference(hook.KindMember, "member", i.Member)
	if err != nil {
		return hook.APIKeyFields{}, err
	}
	owner, err := optionalOwner("owner", i.Owner)
	return hook.APIKeyFields{
		Name: i.Name, Permissions: i.Permissions, Member: member.Value, Owner: owner, LongLived: value(i.LongLived),
	}, err
}
