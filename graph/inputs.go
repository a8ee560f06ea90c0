package graph

import (
	"github.com/99designs/gqlgen/graphql"

	"github.com/hookgraph/hookgraph/hook"
)

// Page gathers the arguments of a connection.
func Page(first *int32, after *string, last *int32, before *string) hook.PageArgs {
	size := func(n *int32) *int {
		if n == nil {
			return nil
		}
		i := int(*n)
		return &i
	}
	return hook.PageArgs{First: size(first), After: after, Last: size(last), Before: before}
}

// Version is the version that a change is based on, if the caller named one.
func Version(v graphql.Omittable[*int32]) *int64 {
	if v.Value() == nil {
		return nil
	}
	n := int64(*v.Value())
	return &n
}

// cleared is a field that null clears.
func cleared[T any](o graphql.Omittable[*T]) hook.Patch[T] {
	if !o.IsSet() {
		return hook.Patch[T]{}
	}
	var value T
	if v := o.Value(); v != nil {
		value = *v
	}
	return hook.Set(value)
}

// given is a field that has no cleared state: null leaves it alone.
func given[T any](o graphql.Omittable[*T]) hook.Patch[T] {
	if v := o.Value(); v != nil {
		return hook.Set(*v)
	}
	return hook.Patch[T]{}
}

// list is a list that null empties.
func list[T any](o graphql.Omittable[[]T]) hook.Patch[[]T] {
	if !o.IsSet() {
		return hook.Patch[[]T]{}
	}
	return hook.Set(o.Value())
}

func int64s(o graphql.Omittable[*int32]) hook.Patch[int64] {
	if v := o.Value(); v != nil {
		return hook.Set(int64(*v))
	}
	return hook.Patch[int64]{}
}

func secret(o graphql.Omittable[*string]) hook.Patch[hook.Secret] {
	p := cleared(o)
	return hook.Patch[hook.Secret]{Given: p.Given, Value: hook.Secret(p.Value)}
}

// reference is a field that names another object by id or key; null clears it.
func reference(kind hook.Kind, field string, o graphql.Omittable[*string]) (hook.Patch[string], error) {
	if o.Value() == nil {
		return cleared(o), nil
	}
	// An empty text is no key: read as null, it would make a key that acts as a
	// member one that acts for everybody.
	key, err := hook.ParseKey(kind, field, *o.Value())
	return hook.Set(key), err
}

// ID is the owner that the input names; field is the input's own path.
func (i *OwnerInput) ID(field string) (hook.ID, error) {
	client, album, account := i.Client.Value(), i.Album.Value(), i.Account.Value()
	n := 0
	for _, set := range []bool{i.Client.IsSet(), i.Album.IsSet(), i.Account.IsSet()} {
		if set {
			n++
		}
	}
	switch {
	case n != 1:
	case client != nil:
		key, err := hook.ParseKey(hook.KindClient, field+".client", *client)
		return hook.ID{Kind: hook.KindClient, Key: key}, err
	case album != nil:
		key, err := hook.ParseKey(hook.KindAlbum, field+".album", *album)
		return hook.ID{Kind: hook.KindAlbum, Key: key}, err
	case account != nil && *account:
		return hook.ID{Kind: hook.KindAccount}, nil
	}
	return hook.ID{}, hook.Invalidf(field, "exactly one of client, album and account: true is needed")
}

// optionalOwner is the owner that a filter names, zero if it names none.
func optionalOwner(field string, o graphql.Omittable[*OwnerInput]) (hook.ID, error) {
	if o.Value() == nil {
		return hook.ID{}, nil
	}
	return o.Value().ID(field)
}

func value[T any](o graphql.Omittable[*T]) T {
	var zero T
	if v := o.Value(); v != nil {
		return *v
	}
	return zero
}
