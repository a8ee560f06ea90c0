package delivery

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// A conn is a connection to a receiver.
type conn struct {
	net.Conn
	// raw is what the system knows the connection by; below TLS.
	raw net.Conn
	// to names the receiver for people.
	to string
	// used says that an answer came over it; reusable, that another may.
	used, reusable bool
}

// past is a deadline that ends everything on a connection.
var past = time.Unix(1, 0)

// maxWriteFirst is how long a request may be that is written before its answer
// is read; it fits into the buffers of the system. While a longer one is being
// written, a receiver may have answered already and read no further.
const maxWriteFirst = 16 << 10

var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 4<<10) }}

// exchange writes a request and reads its answer. Afterwards reusable tells
// whether the connection is good for another one.
func (c *conn) exchange(ctx context.Context, head, body []byte) (o Outcome, err error) {
	again := c.used
	c.used, c.reusable = true, false
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(past) })
	in := &source{conn: c.Conn, left: MaxHead}
	r := readers.Get().(*bufio.Reader)
	r.Reset(in)
	defer func() {
		r.Reset(nil)
		readers.Put(r)
	}()
	written := make(chan error, 1)
	if message := append(head, body...); len(message) <= maxWriteFirst {
		written <- c.write(message)
	} else {
		go func() { written <- c.write(message) }()
		defer func() {
			// Nobody may use the body any more when this returns.
			if !c.reusable {
				_ = c.Close()
				<-written
			}
		}()
	}
	a := answer{conn: c, in: in, r: r}
	complete, err := a.read(&o)
	if err != nil {
		if again && !in.some && ctx.Err() == nil {
			err = errStale
		}
		stop()
		return Outcome{}, err
	}
	select {
	case err := <-written:
		c.reusable = stop() && complete && err == nil
		written <- err
	default:
		stop()
	}
	return o, nil
}

func (c *conn) write(message []byte) error {
	_, err := c.Conn.Write(message)
	return err
}

// A source is what comes in on a connection, up to a limit.
type source struct {
	conn net.Conn
	left int
	some bool  // a byte has come
	err  error // what ended it
}

var errLimit = errors.New("the limit was reached")

func (s *source) Read(p []byte) (int, error) {
	if s.left <= 0 {
		s.err = errLimit
		return 0, errLimit
	}
	n, err := s.conn.Read(p[:min(len(p), s.left)])
	s.left -= n
	s.some = s.some || n > 0
	if err != nil {
		s.err = err
	}
	return n, err
}

// An answer is read from a connection.
type answer struct {
	conn *conn
	in   *source
	r    *bufio.Reader
}

// posted is what answers are answers to; it decides whether they have a body.
var posted = &http.Request{Method: http.MethodPost}

// read reads an answer. complete tells that the next one may follow it.
func (a *answer) read(o *Outcome) (complete bool, err error) {
	var resp *http.Response
	for resp == nil || resp.StatusCode < 200 && resp.StatusCode != http.StatusSwitchingProtocols {
		if err := a.begin(); err != nil {
			return false, err
		}
		if resp, err = http.ReadResponse(a.r, posted); err != nil {
			return false, a.fault("the answer is not valid HTTP/1.1")
		}
		if resp.StatusCode < 100 {
			return false, a.fault("the answer has no valid status")
		}
	}
	o.StatusCode, o.Header = resp.StatusCode, resp.Header
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return false, nil
	}
	a.in.left = maxDrain
	return a.readBody(o, resp) && !resp.Close && a.r.Buffered() == 0, nil
}

const version1 = "HTTP/1."

// begin waits for the first bytes of an answer and refuses what is not HTTP/1
// at once.
func (a *answer) begin() error {
	for n := 1; n <= len(version1); n++ {
		got, err := a.r.Peek(n)
		if err != nil {
			return a.fault("")
		}
		if got[n-1] == version1[n-1] {
			continue
		}
		switch {
		case n == 1 && got[0] == 0x15:
			return a.fault("the receiver answers in TLS: its URL must begin with https")
		case n == 1 && got[0] == 0, n == len("HTTP/2"):
			return a.fault("the receiver answers in another version of HTTP than 1")
		}
		return a.fault("the answer is not HTTP")
	}
	return nil
}

// fault returns the error for an answer that cannot be read: that of the
// connection if it ended, else the given one.
func (a *answer) fault(text string) error {
	f := &fault{kind: KindProtocol, text: text, phase: "waiting for the answer of " + a.conn.to, cause: a.in.err}
	switch {
	case errors.Is(a.in.err, errLimit):
		f.text = "the status line and headers of the answer are longer than 64 KB"
	case a.in.err == nil:
	case !a.in.some && errors.Is(a.in.err, io.EOF):
		f.kind, f.text = KindReset, "the receiver closed the connection without an answer"
	case errors.Is(a.in.err, io.EOF):
		f.kind, f.text = KindReset, "the receiver closed the connection within the answer"
	default:
		f.kind, f.text = KindReset, "the connection broke: "+reason(a.in.err)
	}
	return f
}

// readBody reads a body as far as it is shown, and then to its end unless that
// is far off. It reports whether it got there.
func (a *answer) readBody(o *Outcome, resp *http.Response) bool {
	shown, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody))
	o.Body = shown
	if err != nil {
		o.Truncated = true
		return false
	}
	rest, err := io.Copy(io.Discard, resp.Body)
	o.Truncated = rest > 0 || err != nil
	return err == nil
}
