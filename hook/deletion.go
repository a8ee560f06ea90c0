package hook

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
