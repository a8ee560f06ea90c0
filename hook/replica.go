package hook

// A Replica is a gateway process that shares the deliveries with others on the
// same database. It stores itself again and again while it lives, so that its
// version moves: that is how the others know, each by its own clock.
type Replica struct {
	Meta `bson:",inline"`
}

const kindReplica Kind = "Replica"

// GetID implements Entity; a replica is no node.
func (r *Replica) GetID() ID { return ID{kindReplica, r.Key} }

// SetIndexed implements Entity.
func (r *Replica) SetIndexed() {}

// Leases say which replica delivers which partition. They are one document, so
// that any number of partitions changes hands in one write, and its version is
// the epoch of all of them: who has seen an earlier one changes nothing.
type Leases struct {
	Meta `bson:",inline"`
	// Owners are the keys of the replicas that have the partitions; empty where
	// nobody does.
	Owners []string `bson:"owners"`
}

// leasesKey is the key of the one document.
const leasesKey = "deliveries"

// GetID implements Entity; leases are no node.
func (l *Leases) GetID() ID { return ID{Kind("Leases"), l.Key} }

// SetIndexed implements Entity.
func (l *Leases) SetIndexed() {}

// Of returns the partitions of a replica; those of "" are nobody's.
func (l *Leases) Of(replica string) (partitions []int32) {
	for p, owner := range l.Owners {
		if owner == replica {
			partitions = append(partitions, int32(p))
		}
	}
	return partitions
}

// A Wake tells the replica that delivers to a webhook that another one has
// stored something for it. There is one at a time for each webhook and kind.
type Wake struct {
	Meta      `bson:",inline"`
	Partition int32  `bson:"partition"`
	Webhook   string `bson:"webhook"`
	// Changed: it was not only a new trigger, see Courier.Look.
	Changed bool `bson:"webhookChanged"`
}

// GetID implements Entity; a wake is no node.
func (w *Wake) GetID() ID { return ID{Kind("Wake"), w.Key} }

// SetIndexed implements Entity.
func (w *Wake) SetIndexed() {}

// NewWake returns a wake for a webhook.
func NewWake(webhook string, changed bool) *Wake {
	w := &Wake{Meta: Meta{Key: webhook, Created: Now()}, Partition: PartitionOf(webhook), Webhook: webhook, Changed: changed}
	if changed {
		w.Key += "!"
	}
	return w
}
