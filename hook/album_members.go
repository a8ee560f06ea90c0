package hook

import "slices"

// MembersPage returns one page of the album's members, in the order of their
// keys.
func (a *Album) MembersPage(args PageArgs) (*Connection[AlbumMember], error) {
	size, backward, err := args.size()
	if err != nil {
		return nil, err
	}
	scope := "album.members\x00" + a.Key
	from, to := 0, len(a.Members)
	for _, bound := range []struct {
		field  string
		cursor *string
		set    func(place int, found bool)
	}{
		{"after", args.After, func(place int, found bool) {
			if from = place; found {
				from++
			}
		}},
		{"before", args.Before, func(place int, _ bool) { to = place }},
	} {
		if bound.cursor == nil {
			continue
		}
		position, err := clearCursors.decode(bound.field, scope, *bound.cursor, []any{""})
		if err != nil {
			return nil, err
		}
		bound.set(a.place(position[0].(string)))
	}
	to = max(from, to)
	if to-from > size {
		if backward {
			from = to - size
		} else {
			to = from + size
		}
	}
	c := &Connection[AlbumMember]{HasPrevious: from > 0, HasNext: to < len(a.Members)}
	c.cursor = func(m *AlbumMember) string { return clearCursors.encode(scope, []any{m.Member}) }
	for _, m := range slices.Clone(a.Members[from:to]) {
		c.Nodes = append(c.Nodes, &m)
	}
	if n := len(c.Nodes); n > 0 {
		c.Start, c.End = c.cursor(c.Nodes[0]), c.cursor(c.Nodes[n-1])
	}
	return c, nil
}
