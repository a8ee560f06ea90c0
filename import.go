package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/hookgraph/hookgraph/gateway"
	"github.com/hookgraph/hookgraph/hook"
)

// errRefused says that records were refused, which the summary has told.
var errRefused = errors.New("records were refused")

// runImport takes over a list: through the gateway that runs on the data folder,
// if there is one, else into the database itself.
func runImport(ctx context.Context, c config, s streams) (err error) {
	if c.data, err = filepath.Abs(c.data); err != nil {
		return err
	}
	// Who has the folder is asked before the list is read: standard input can be
	// read once.
	var running holder
	if c.mongodb == "" {
		lock, err := lockFolder(c.data)
		var inUse *inUseError
		switch {
		case errors.As(err, &inUse):
			if running, err = awaitAddress(ctx, c.data, inUse); err != nil {
				return err
			}
		case err != nil:
			return err
		default:
			defer func() { _ = lock.release() }()
		}
	}
	list, err := openList(ctx, c, s.in)
	if err != nil {
		return err
	}
	defer list.Close()
	progress := newProgress(s.err)
	var summary *gateway.Summary
	if running.Address != "" {
		summary, err = sendList(ctx, c, running.Address, list, progress.show)
	} else {
		summary, err = takeList(ctx, c, s, list, progress.show)
	}
	progress.end()
	if err != nil {
		return err
	}
	return tellSummary(s.out, summary)
}

// takeList imports into the database.
func takeList(ctx context.Context, c config, s streams, list *source, progress func(int)) (summary *gateway.Summary, err error) {
	h, err := open(ctx, c, c.logger(s))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.engine.Close()) }()
	d, err := gateway.Importer(h.dialects, c.as, c.album)
	if err != nil {
		return nil, asSetting(err)
	}
	text, size, err := list.whole()
	if err != nil {
		return nil, err
	}
	told, err := h.service.Import(hook.WithViewer(ctx, hook.AdminViewer()), hook.Import{
		Dialect: d.Name(), Album: c.album, Records: gateway.Records(d, text, size), Progress: progress,
	})
	if err != nil {
		return nil, asSetting(err)
	}
	return gateway.NewSummary(told), nil
}

// asSetting makes an error about a parameter of the import one about its flag.
func asSetting(err error) error {
	var e *hook.Error
	if errors.As(err, &e) && (e.Field == "as" || e.Field == "album") {
		return wrong("--%s: %s", e.Field, e.Message)
	}
	return err
}

// tellSummary prints what became of the records. Its error is errRefused if not
// all of them were taken.
func tellSummary(w io.Writer, s *gateway.Summary) error {
	fmt.Fprintf(w, "created %d, unchanged %d, updated %d, refused %d\n", s.Created, s.Unchanged, s.Updated, s.Refused)
	for _, r := range s.Refusals {
		where := fmt.Sprintf("record %d", r.Position)
		if r.Field != "" {
			where += ", " + r.Field
		}
		fmt.Fprintf(w, "refused: %s: %s\n", where, oneLine(r.Reason))
	}
	if more := s.Refused - len(s.Refusals); more > 0 {
		fmt.Fprintf(w, "and %d more\n", more)
	}
	if s.Refused > 0 {
		return errRefused
	}
	return nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// awaitAddress returns the gateway that has the lock. One that is just starting
// has no address for a moment.
func awaitAddress(ctx context.Context, dir string, inUse *inUseError) (holder, error) {
	for range 50 {
		if h := readHolder(dir); h.Address != "" {
			return h, nil
		}
		select {
		case <-ctx.Done():
			return holder{}, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return holder{}, inUse
}
