// Command ferretdb serves the wire protocol of MongoDB from one static binary:
// FerretDB over SQLite, behind a proxy that lets one write at a time through.
// It is a stand-in for tests on machines that cannot get the official image.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	addr := flag.String("addr", ":27017", "address to listen on")
	data := flag.String("data", "/data/db", "folder of the database files")
	idle := flag.Duration("idle", 5*time.Minute, "end after this long without a connection")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, *data, *idle); err != nil {
		fmt.Fprintln(os.Stderr, "mongo stand-in:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr, data string, idle time.Duration) error {
	// An image built from nothing has neither folder; SQLite wants both.
	for _, dir := range []string{data, os.TempDir()} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
	}
	socket := filepath.Join(os.TempDir(), "ferretdb.sock")
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{Unix: socket},
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:   "sqlite",
		SQLiteURL: "file:" + filepath.Clean(data) + "/",
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	server.MongoDBURI() // returns once the socket accepts connections

	listener, err := net.Listen("tcp", addr)
	if err == nil {
		p := &proxy{socket: socket, idle: idle}
		err = p.serve(ctx, listener)
	}
	cancel()
	return errors.Join(err, <-ended)
}
