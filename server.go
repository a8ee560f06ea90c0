// Command hookgraph is a GraphQL gateway over webhook data.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// The exit codes.
const (
	succeeded = iota
	failed
	misused // a setting is wrong
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(program(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// streams are what a program reads and writes beside files.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// program does what the arguments say and returns the exit code. Its errors are
// one line.
func program(ctx context.Context, args []string, s streams) int {
	c, err := parse(args, s)
	switch {
	case err != nil:
	case c == nil: // help was asked for
	default:
		err = c.do(ctx, s)
	}
	var misuse *settingError
	switch {
	case err == nil:
		return succeeded
	case errors.As(err, &misuse):
		fmt.Fprintf(s.err, "hookgraph: %v\n", err)
		return misused
	case errors.Is(err, errRefused):
		return failed
	}
	fmt.Fprintf(s.err, "hookgraph: %v\n", err)
	return failed
}

// do carries out the command.
func (c *config) do(ctx context.Context, s streams) error {
	switch c.command {
	case commandVersion:
		fmt.Fprintln(s.out, version())
		return nil
	case commandImport:
		return runImport(ctx, *c, s)
	case commandBackup:
		return runBackup(ctx, *c, s)
	}
	return run(ctx, *c, s)
}
