package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"
)

// A proxy forwards messages between clients and FerretDB. FerretDB changes a
// document by reading and writing it without a lock in between, which loses
// updates and lets several compare-and-swaps win; the proxy keeps a write from
// starting before the one ahead of it has been answered.
type proxy struct {
	socket string
	idle   time.Duration

	write sync.Mutex
	conns sync.WaitGroup
}

// serve accepts connections until ctx ends or no connection was open for the
// idle time, so that a container whose test was killed does not stay.
func (p *proxy) serve(ctx context.Context, listener net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	context.AfterFunc(ctx, func() { listener.Close() })

	var (
		mu    sync.Mutex
		open  int
		timer = time.AfterFunc(p.idle, cancel)
	)
	count := func(delta int) {
		mu.Lock()
		defer mu.Unlock()
		if open += delta; open > 0 {
			timer.Stop()
		} else {
			timer.Reset(p.idle)
		}
	}
	for {
		client, err := listener.Accept()
		if ctx.Err() != nil {
			p.conns.Wait()
			return nil
		}
		if err != nil {
			return err
		}
		count(1)
		p.conns.Go(func() {
			defer count(-1)
			if err := p.forward(ctx, client); err != nil && !gone(err) && ctx.Err() == nil {
				slog.Error("connection ended", "error", err)
			}
		})
	}
}

// forward answers the requests of one client, one after the other.
func (p *proxy) forward(ctx context.Context, client net.Conn) error {
	defer client.Close()
	server, err := net.Dial("unix", p.socket)
	if err != nil {
		return err
	}
	defer server.Close()
	stop := context.AfterFunc(ctx, func() { client.Close(); server.Close() })
	defer stop()

	for {
		request, err := readMessage(client)
		if err != nil {
			return err
		}
		response, err := p.exchange(server, request)
		if err != nil {
			return err
		}
		if _, err := client.Write(response); err != nil {
			return err
		}
	}
}

// exchange sends a request and returns its response, empty if none is due.
func (p *proxy) exchange(server net.Conn, request message) (message, error) {
	if request.writes() {
		p.write.Lock()
		defer p.write.Unlock()
	}
	if _, err := server.Write(request); err != nil {
		return nil, err
	}
	if request.unanswered() {
		return nil, nil
	}
	return readMessage(server)
}

// gone reports whether the error only says that the peer has left.
func gone(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}
