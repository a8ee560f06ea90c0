package relay

import "github.com/hookgraph/hookgraph/hook"

// AlbumMemberConnection is a page of the members of an album.
type AlbumMemberConnection struct {
	Edges      []*AlbumMemberEdge
	PageInfo   *PageInfo
	TotalCount int
}

// AlbumMemberEdge is a member in an album.
type AlbumMemberEdge struct {
	Cursor  string
	Node    *hook.Member
	IsAdmin bool
}

// Nodes are the members of the page.
func (c *AlbumMemberConnection) Nodes() []*hook.Member {
	nodes := make([]*hook.Member, len(c.Edges))
	for i, e := range c.Edges {
		nodes[i] = e.Node
	}
	return nodes
}

// AlbumMembers is the connection of a page of an album's places and the members
// at them, nil for one who is gone meanwhile.
func AlbumMembers(a *hook.Album, page *hook.Connection[hook.AlbumMember], members []*hook.Member) *AlbumMemberConnection {
	c := &AlbumMemberConnection{
		PageInfo:   &PageInfo{page.HasNext, page.HasPrevious, page.Start, page.End},
		TotalCount: len(a.Members),
	}
	for i, place := range page.Nodes {
		if members[i] != nil {
			c.Edges = append(c.Edges, &AlbumMemberEdge{page.Cursor(place), members[i], place.IsAdmin})
		}
	}
	return c
}
