package relay

import "github.com/hookgraph/hookgraph/hook"

// The connections of the schema: each type is bound to the one of its name.
type (
	// MemberConnection is a page of a list.
	MemberConnection struct{ Connection[hook.Member] }
	// ClientConnection is a page of a list.
	ClientConnection struct{ Connection[hook.Client] }
	// AlbumConnection is a page of a list.
	AlbumConnection struct{ Connection[hook.Album] }
	// WebhookConnection is a page of a list.
	WebhookConnection struct{ Connection[hook.Webhook] }
	// TriggerConnection is a page of a list.
	TriggerConnection struct{ Connection[hook.Trigger] }
	// EventConnection is a page of a list.
	EventConnection struct{ Connection[hook.Event] }
	// APIKeyConnection is a page of a list.
	APIKeyConnection struct{ Connection[hook.APIKey] }
	// ReplayConnection is a page of a list.
	ReplayConnection struct{ Connection[hook.Replay] }
	// AuditEntryConnection is a page of a list.
	AuditEntryConnection struct{ Connection[hook.AuditEntry] }
)

// The edges of the connections.
type (
	// MemberEdge is an object in a list.
	MemberEdge struct{ Edge[hook.Member] }
	// ClientEdge is an object in a list.
	ClientEdge struct{ Edge[hook.Client] }
	// AlbumEdge is an object in a list.
	AlbumEdge struct{ Edge[hook.Album] }
	// WebhookEdge is an object in a list.
	WebhookEdge struct{ Edge[hook.Webhook] }
	// TriggerEdge is an object in a list.
	TriggerEdge struct{ Edge[hook.Trigger] }
	// EventEdge is an object in a list.
	EventEdge struct{ Edge[hook.Event] }
	// APIKeyEdge is an object in a list.
	APIKeyEdge struct{ Edge[hook.APIKey] }
	// ReplayEdge is an object in a list.
	ReplayEdge struct{ Edge[hook.Replay] }
	// AuditEntryEdge is an object in a list.
	AuditEntryEdge struct{ Edge[hook.AuditEntry] }
)

// Members is the connection of a page.
func Members(page *hook.Connection[hook.Member], err error) (*MemberConnection, error) {
	if err != nil {
		return nil, err
	}
	return &MemberConnection{connect(page)}, nil
}

// Edges are the objects of the page with their cursors.
func (c *MemberConnection) Edges() []*MemberEdge {
	return edges(c.Connection, func(e Edge[hook.Member]) MemberEdge { return MemberEdge{e} })
}

// Clients is the connection of a page.
func Clients(page *hook.Connection[hook.Client], err error) (*ClientConnection, error) {
	if err != nil {
		return nil, err
	}
	return &ClientConnection{connect(page)}, nil
}

// Edges are the objects of the page with their cursors.
func (c *ClientConnection) Edges() []*ClientEdge {
	return edges(c.Connection, func(e Edge[hook.Client]) ClientEdge { return ClientEdge{e} })
}

// Albums is the connection of a page.
func Albums(page *hook.Connection[hook.Album], err error) (*AlbumConnection, error) {
	if err != nil {
		return nil, err
	}
	return &AlbumConnection{connect(page)}, nil
}

// Edges are the objects of the page with their cursors.
func (c *AlbumConnection) Edges() []*AlbumEdge {
	return edges(c.Connection, func(e Edge[hook.Album]) AlbumEdge { return AlbumEdge{e} })
}

// Webhooks is the connection of a page.
func Webhooks(page *hook.Connection[hook.Webhook], err error) (*WebhookConnection, error) {
	if err != nil {
		return nil, err
	}
	return &WebhookConnection{connect(page)}, nil
}

// Edges are the objects of the page with their cursors.
func (c *WebhookConnection) Edges() []*WebhookEdge {
	return edges(c.Connection, func(e Edge[hook.Webhook]) WebhookEdge { return WebhookEdge{e} })
}

// Triggers is the connection of a page.
func Triggers(page *hook.Connection[hook.Trigger], err error) (*TriggerConnection, error) {
	if err != nil {
		return nil, err
	}
	return &TriggerConnection{connect(page)}, nil
}

// Edges are the objects of the page with their cursors.
func (c *TriggerConnection) Edges() []*TriggerEdge {
	return edges(c.Connection, func(e Edge[hook.Trigger]) TriggerEdge { return TriggerEdge{e} })
}

// Events is the connection of a page.
func Events(page *hook.Connection[hook.Event], err error) (*EventConnection, error) {
	if err != nil {
		return nil, err
	}
	return &EventConnection{connect(page)}, nil
}

// Edges are the objects of the page with their cursors.
func (c *EventConnection) Edges() []*EventEdge {
	return edges(c.Connection, func(e Edge[hook.Event]) EventEdge { return EventEdge{e} })
}

// Replays is the connection of a page.
func Replays(page *hook.Connection[hook.Replay], err error) (*ReplayConnection, error) {
	if err != nil {
		return nil, err
	}
	return &ReplayConnection{connect(page)}, nil
}

// Edges are the objects of the page with their cursors.
func (c *ReplayConnection) Edges() []*ReplayEdge {
	return edges(c.Connection, func(e Edge[hook.Replay]) ReplayEdge { return ReplayEdge{e} })
}

// APIKeys is the connection of a page.
func APIKeys(page *hook.Connection[hook.APIKey], err error) (*APIKeyConnection, error) {
	if err != nil {
		return nil, err
	}
	return &APIKeyConnection{connect(page)}, nil
}

// Edges are the objects of the page with their cursors.
func (c *APIKeyConnection) Edges() []*APIKeyEdge {
	return edges(c.Connection, func(e Edge[hook.APIKey]) APIKeyEdge { return APIKeyEdge{e} })
}

// AuditEntries is the connection of a page.
func AuditEntries(page *hook.Connection[hook.AuditEntry], err error) (*AuditEntryConnection, error) {
	if err != nil {
		return nil, err
	}
	return &AuditEntryConnection{connect(page)}, nil
}

// Edges are the objects of the page with their cursors.
func (c *AuditEntryConnection) Edges() []*AuditEntryEdge {
	return edges(c.Connection, func(e Edge[hook.AuditEntry]) AuditEntryEdge { return AuditEntryEdge{e} })
}
