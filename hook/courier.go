package hook

// A Courier delivers what is in the queue. The room delivery has it. Its methods
// return at once.
type Courier interface {
	// Take is told of triggers of an event that were stored just now.
	Take(event *Event, triggers []*Trigger)
	// Look is told that something has changed for the deliveries to a webhook:
	// its settings, its secret, or one of its triggers.
	Look(webhook string)
}

// DeliverBy makes a courier known. Before that what is stored waits.
func (s *Service) DeliverBy(c Courier) { s.courier.Store(&c) }

// taken counts triggers that were stored, and tells the courier.
func (s *Service) taken(e *Event, triggers []*Trigger) {
	if len(triggers) > 0 {
		s.tally.created(triggers)
		s.take(e, triggers)
	}
}

func (s *Service) take(e *Event, triggers []*Trigger) {
	if c := s.courier.Load(); c != nil {
		(*c).Take(e, triggers)
	}
}

func (s *Service) look(webhook string) {
	if c := s.courier.Load(); c != nil {
		(*c).Look(webhook)
	}
}
