package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

const (
	// diskPause lies between two looks at the disk.
	diskPause = 5 * time.Second
	// diskRelief is how much more than the least has to be free before events are
	// taken again.
	diskRelief = 1.25
)

// A diskWatch has events refused while the disk of the data folder is nearly
// full. Deliveries go on: they need little, and retention then makes room.
type diskWatch struct {
	// least is how many bytes must be free.
	least int64
	// free tells how many are.
	free func() (int64, error)
	// refuse is told why events are refused, or "" if they are not.
	refuse func(reason string)
	log    *slog.Logger

	full, blind bool
}

// run looks at the disk until the context ends.
func (d *diskWatch) run(ctx context.Context) {
	ticker := time.NewTicker(diskPause)
	defer ticker.Stop()
	for {
		d.look()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (d *diskWatch) look() {
	free, err := d.free()
	if err != nil {
		if !d.blind && !errors.Is(err, errors.ErrUnsupported) {
			d.log.Warn("it is not known how much of the disk is free", "error", err)
		}
		d.blind = true
		return // what was known goes on to hold
	}
	d.blind = false
	switch {
	case !d.full && free < d.least:
		d.full = true
		d.refuse(fmt.Sprintf("the disk of the gateway is nearly full: less than %d MB are free", d.least>>20))
		d.log.Warn("the disk is nearly full: events are refused until there is space", "free", free, "least", d.least)
	case d.full && free >= int64(diskRelief*float64(d.least)):
		d.full = false
		d.refuse("")
		d.log.Info("the disk has space again: events are taken", "free", free)
	}
}
