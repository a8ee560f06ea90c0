package hook

// A Run is a process that counts what happens to triggers. It is stored while
// the process runs and removed when all its counts are written, so that one that
// was killed leaves it behind. Where several processes share a database, a
// change of its version is a sign of life.
type Run struct {
	Meta `bson:",inline"`
}

// GetID implements Entity; a run is no node.
func (r *Run) GetID() ID { return ID{Kind("Run"), r.Key} }

// SetIndexed implements Entity.
func (r *Run) SetIndexed() {}

// An Uncounted is a webhook whose Stats may lack what a run has counted and not
// written yet. It is stored with the first trigger that is counted, and removed
// when nothing has happened for a while.
type Uncounted struct {
	Meta    `bson:",inline"`
	Run     string `bson:"run"`
	Webhook string `bson:"webhook"`
}

// GetID implements Entity; it is no node.
func (u *Uncounted) GetID() ID { return ID{Kind("Uncounted"), u.Key} }

// SetIndexed implements Entity.
func (u *Uncounted) SetIndexed() {}
