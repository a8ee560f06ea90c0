// Package crash proves what the gateway promises of deliveries when its process
// is killed: every acknowledged event is delivered. It has tests only; make crash
// runs them at length.
package crash
