package main

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// checkRetention reads the settings of what is kept.
func (f *flags) checkRetention(c *config) error {
	var ok bool
	s := f.Serve
	if c.retention, ok = parseAge(s.Retention); !ok {
		return wrong("--retention: %q is not a time such as 30d or 720h, nor 0 for ever", s.Retention)
	}
	if c.retentionSize, ok = parseBytes(s.RetentionSize); !ok {
		return wrong("--retention-size: %q is not a number of bytes such as 10GB", s.RetentionSize)
	}
	if c.retentionSize > 0 && c.mongodb != "" {
		return wrong("--retention-size is for the embedded database: with MongoDB there is --retention only")
	}
	if c.minFree, ok = parseBytes(s.MinFree); !ok {
		return wrong("--min-free: %q is not a number of bytes such as 256MB", s.MinFree)
	}
	return nil
}

// parseAge reads a time in days (30d) or in Go's form (720h). Nothing and 0 are
// no time at all; anything else is at least a minute.
func parseAge(text string) (time.Duration, bool) {
	if text == "" || text == "0" {
		return 0, true
	}
	if days, found := strings.CutSuffix(text, "d"); found {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err == nil && n > 0
	}
	age, err := time.ParseDuration(text)
	return age, err == nil && age >= time.Minute
}

// parseBytes reads a number of bytes with one of the units B, KB, MB, GB and TB,
// each 1024 times the one before. Nothing is none.
func parseBytes(text string) (int64, bool) {
	if text == "" {
		return 0, true
	}
	digits := strings.TrimRightFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.ParseInt(digits, 10, 64)
	factor, known := map[string]int64{"": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}[strings.ToUpper(strings.TrimSpace(text[len(digits):]))]
	if err != nil || !known || n < 0 || n > math.MaxInt64/factor {
		return 0, false
	}
	return n * factor, true
}
