package kheops

import "net/http"

// What the specification leaves open (section 13) is decided here.
const (
	// statusUnbound answers what Kheops' framework fails at when it binds
	// parameters: a form without a Content-Type, a number that is blank. That has
	// been read from the framework's source, not seen (no. 3).
	statusUnbound = http.StatusInternalServerError
	// statusAmbiguous answers a manual trigger for an e-mail that several members
	// have, which Kheops fails at too (section 3, E6).
	statusAmbiguous = http.StatusInternalServerError
)
