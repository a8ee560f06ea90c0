package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestDiskWatch(t *testing.T) {
	t.Parallel()
	var free int64
	var broken error
	refused := "not told"
	var text bytes.Buffer
	d := &diskWatch{least: 100 << 20, free: func() (int64, error) { return free, broken }, refuse: func(reason string) { refused = reason },
		log: slog.New(slog.NewTextHandler(&text, nil))}
	for _, step := range []struct {
		free  int64
		err   error
		wants string
	}{
		{free: 200, wants: "not told"},
		{free: 100, wants: "not told"},
		{free: 99, wants: "less than 100 MB are free"},
		{free: 110, wants: "less than 100 MB are free"}, // not enough to begin again
		{err: errors.New("no such disk"), wants: "less than 100 MB are free"},
		{free: 125, wants: ""},
		{err: errors.New("no such disk"), wants: ""},
		{err: errors.New("no such disk"), wants: ""},
		{free: 1, wants: "less than 100 MB are free"},
	} {
		free, broken = step.free<<20, step.err
		d.look()
		if step.wants == "" && refused != "" || !strings.Contains(refused, step.wants) {
			t.Errorf("with %d MB: %q, want %q", step.free, refused, step.wants)
		}
	}
	if n := strings.Count(text.String(), "no such disk"); n != 2 {
		t.Errorf("it is logged %d times that the disk is not known", n)
	}
	if n, err := freeBytes(t.TempDir()); err != nil || n <= 0 {
		t.Errorf("%d bytes are free, %v", n, err)
	}
}

func TestParseAgeAndBytes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"": 0, "0": 0, "30d": 720 * time.Hour, "720h": 720 * time.Hour, "1m": time.Minute, "1h30m": 90 * time.Minute} {
		if got, ok := parseAge(text); !ok || got != want {
			t.Errorf("%q is %v, %v", text, got, ok)
		}
	}
	for text, want := range map[string]int64{"": 0, "0": 0, "12": 12, "1KB": 1024, "256MB": 256 << 20, "10gb": 10 << 30, "2 TB": 2 << 40, "7B": 7} {
		if got, ok := parseBytes(text); !ok || got != want {
			t.Errorf("%q is %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"GB", "1.5GB", "1PB", "-1", "9999999TB", "x"} {
		if got, ok := parseBytes(text); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
}
