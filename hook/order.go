package hook

// An OrderField is what a list is ordered by.
type OrderField string

// The order fields.
const (
	OrderCreated OrderField = "CREATED"
	OrderName    OrderField = "NAME"
)

// An OrderDirection is the direction of a list.
type OrderDirection string

// The directions.
const (
	Ascending  OrderDirection = "ASC"
	Descending OrderDirection = "DESC"
)

// An Order is the order of a list. The zero Order is that of the list itself:
// the newest first.
type Order struct {
	Field     OrderField
	Direction OrderDirection
}

func (o Order) byName() bool { return o.Field == OrderName }

// reverse reports whether the index is read from its end.
func (o Order) reverse() bool {
	if o.Direction == "" {
		return !o.byName()
	}
	return o.Direction == Descending
}

// choose returns the list for the order.
func (o Order) choose(byCreated, byName string) string {
	if o.byName() {
		return byName
	}
	return byCreated
}
