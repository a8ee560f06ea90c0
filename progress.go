package main

import (
	"fmt"
	"io"
	"time"
)

const (
	terminalPause = 200 * time.Millisecond
	linePause     = 10 * time.Second
)

// A progress tells on standard error how far a long import is: on a terminal by
// one line that is written over, elsewhere by a line from time to time.
type progress struct {
	w        io.Writer
	terminal bool
	last     time.Time
	begun    bool
}

func newProgress(w io.Writer) *progress {
	return &progress{w: w, terminal: isTerminal(w), last: time.Now()}
}

func (p *progress) show(done int) {
	pause := linePause
	if p.terminal {
		pause = terminalPause
	}
	now := time.Now()
	if now.Sub(p.last) < pause {
		return
	}
	p.last, p.begun = now, true
	if p.terminal {
		fmt.Fprintf(p.w, "\r%d records", done)
		return
	}
	fmt.Fprintf(p.w, "%d records\n", done)
}

// end leaves the line.
func (p *progress) end() {
	if p.begun && p.terminal {
		fmt.Fprintln(p.w)
	}
}
