//go:build profile

package main

import (
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
)

// The benchmark builds the program with this file to see where time goes: a
// processor profile from one SIGUSR1 to the next, in the file that BENCH_PROFILE
// names once it is complete.
func init() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1)
	go func() {
		<-signals
		if err := profile(os.Getenv("BENCH_PROFILE"), signals); err != nil {
			panic(err)
		}
	}()
}

func profile(path string, end <-chan os.Signal) error {
	file, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	<-end
	pprof.StopCPUProfile()
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
