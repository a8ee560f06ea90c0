package main

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// gcTarget lets the heap grow to three times what is alive before it is
// collected. What is alive is small, some ten megabytes, since documents and
// SQLite's pages are kept outside of Go's heap; requests make short-lived garbage,
// and collecting that at the default of twice takes more processor time.
const gcTarget = 200

// outside is about what is kept outside of the heap: documents and pages.
const outside = 96 << 20

// tuneMemory sets the collector's target, and the limit above which it works
// harder than that: three quarters of what the process may use, less what is
// outside of the heap, so that a burst costs processor time before it costs the
// process. GOGC and GOMEMLIMIT win.
func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcTarget)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		if most := memory(); most > 0 {
			debug.SetMemoryLimit(max(most/4*3-outside, most/4))
		}
	}
}

// memory returns the bytes that the process may use: the limit of its container,
// else the machine's; 0 if that cannot be told.
func memory() int64 {
	var least int64
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		if text, err := os.ReadFile(path); err == nil {
			least = smaller(least, strings.TrimSpace(string(text)), 1)
		}
	}
	text, _ := os.ReadFile("/proc/meminfo")
	for line := range strings.Lines(string(text)) {
		if total, ok := strings.CutPrefix(line, "MemTotal:"); ok {
			least = smaller(least, strings.TrimSuffix(strings.TrimSpace(total), " kB"), 1<<10)
		}
	}
	return least
}

// smaller returns the smaller of two numbers of which 0 and what is no number
// are unknown.
func smaller(n int64, text string, unit int64) int64 {
	m, err := strconv.ParseInt(text, 10, 64)
	if err != nil || m <= 0 || m > 1<<62/unit {
		return n
	}
	if m *= unit; n == 0 || m < n {
		return m
	}
	return n
}
