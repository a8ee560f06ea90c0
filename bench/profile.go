package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// profile says where the gateway spends its time on a query that missed its
// target: the first five functions of a processor profile.
func (m measurement) profile(ctx context.Context, data string, q query) error {
	binary, file := filepath.Join(m.dir, "profiled"), filepath.Join(m.dir, q.kind+".profile")
	if out, err := exec.CommandContext(ctx, "go", "build", "-tags", "profile", "-o", binary, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("go build -tags profile: %w\n%s", err, out)
	}
	s, err := serveGateway(ctx, binary, data, "BENCH_PROFILE="+file)
	if err != nil {
		return err
	}
	defer s.stop()
	if err := s.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		return err
	}
	if _, err := m.once(ctx, s, q); err != nil {
		return err
	}
	if err := s.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		return err
	}
	for range 100 {
		if _, err = os.Stat(file); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		return fmt.Errorf("no profile was written: %w", err)
	}
	out, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-top", "-nodecount=5", binary, file).CombinedOutput()
	if err != nil {
		return fmt.Errorf("go tool pprof: %w\n%s", err, out)
	}
	fmt.Printf("\n%s missed its target. The profile's first five:\n%s", q.name, out)
	return nil
}
