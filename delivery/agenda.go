package delivery

import (
	"container/heap"
	"time"
)

// An agenda has the lanes by the instant at which they are to be served.
type agenda []*lane

// notThere is the place of a lane that the agenda does not have.
const notThere = -1

func (a agenda) Len() int           { return len(a) }
func (a agenda) Less(i, j int) bool { return a[i].at.Before(a[j].at) }

func (a agenda) Swap(i, j int) {
	a[i], a[j] = a[j], a[i]
	a[i].place, a[j].place = i, j
}

// Push implements heap.Interface.
func (a *agenda) Push(l any) {
	l.(*lane).place = len(*a)
	*a = append(*a, l.(*lane))
}

// Pop implements heap.Interface.
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	(*a)[len(*a)-1] = nil
	*a = (*a)[:len(*a)-1]
	last.place = notThere
	return last
}

// put has a lane served at an instant.
func (a *agenda) put(l *lane, at time.Time) {
	l.at = at
	if l.place == notThere {
		heap.Push(a, l)
		return
	}
	heap.Fix(a, l.place)
}

// remove takes a lane out.
func (a *agenda) remove(l *lane) {
	if l.place != notThere {
		heap.Remove(a, l.place)
	}
}
