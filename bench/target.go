package main

import "fmt"

// The targets, beside the rates that each query names.
const (
	mostBinary = 60.0  // MB
	mostIdle   = 60.0  // MB
	mostLoaded = 150.0 // MB
	mostSlower = 1.5   // times, with many webhooks
)

// atMost prints a figure and whether it is within its target.
func atMost(name string, value float64, unit string, most float64) bool {
	return tell(name, value, unit, "at most", most, value <= most)
}

// atLeast is atMost for a ratio that should be large.
func atLeast(name string, value, least float64) bool {
	return tell(name, value, "times", "at least", least, value >= least)
}

func tell(name string, value float64, unit, bound string, target float64, reached bool) bool {
	verdict := "reached"
	if !reached {
		verdict = "MISSED"
	}
	fmt.Printf("%-36s %8.2f %-5s  target %s %g: %s\n", name, value, unit, bound, target, verdict)
	return reached
}
