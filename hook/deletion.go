package hook

import "fmt"

// A Deletion stands for a node that is gone but whose children may still be
// there. It is stored with the node's removal and removed with the last child,
// so that a deletion that was cut short is completed later.
type Deletion struct {
	Meta `bson:",inline"`
	// Node is the id of what was deleted, and the key of the deletion with a
	// hyphen for the colon.
	Node string `bson:"node"`
}

// GetID implements Entity; a deletion is no node.
func (d *Deletion) GetID() ID { return ID{Kind("Deletion"), d.Key} }

// SetIndexed implements Entity.
func (d *Deletion) SetIndexed() {}

func deletionKey(id ID) string { return string(id.Kind) + "-" + id.Key }

func newDeletion(id ID) *Deletion {
	return &Deletion{Meta: Meta{Key: deletionKey(id), Created: Now()}, Node: id.String()}
}

// begin stores the deletion. That of a former bearer of the key may still be
// there.
func (d *Deletion) begin() Change { return Change{Kind: ChangeInsert, Entity: d, Present: true} }

// node returns an entity that stands for the deleted one in a removal.
func (d *Deletion) node() (Entity, error) {
	id, err := ParseID(d.Node)
	if err != nil {
		return nil, err
	}
	meta := Meta{Key: id.Key}
	switch id.Kind {
	case KindWebhook:
		return &Webhook{Meta: meta}, nil
	case KindClient:
		return &Client{Meta: meta}, nil
	case KindAlbum:
		return &Album{Meta: meta}, nil
	case KindMember:
		return &Member{Meta: meta}, nil
	}
	return nil, fmt.Errorf("complete the deletion of %s: a %s has no children", id, id.Kind.noun())
}
