package delivery

import (
	"context"
	"errors"
	"os"
	"time"
)

// Send sends a request and waits for the answer. It never follows redirects,
// uses no proxy and keeps no cookies. A request on a kept connection that the
// receiver closed meanwhile is sent once more on a new one, if not a byte of an
// answer had come: a receiver can see it twice, as always with deliveries.
func (s *Sender) Send(ctx context.Context, r Request) Outcome {
	start := time.Now()
	limit := r.Timeout
	if limit <= 0 {
		limit = s.timeout
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	o, err := s.send(limited, r)
	if err != nil {
		end, _ := limited.Deadline()
		f := explain(ctx, limited, err, end.Sub(start))
		o = Outcome{ErrorKind: f.kind, Err: f}
	}
	o.Duration = time.Since(start)
	return o
}

func (s *Sender) send(ctx context.Context, r Request) (Outcome, error) {
	to, err := parseTarget(r.URL)
	if err != nil {
		return Outcome{}, err
	}
	head, err := r.head(to)
	if err != nil {
		return Outcome{}, err
	}
	key := poolKey{to.secure, to.address(), r.VerifyTLS}
	if c := s.idle.take(key); c != nil {
		o, err := c.exchange(ctx, head, r.Body)
		if !errors.Is(err, errStale) {
			s.idle.keep(key, c)
			return o, err
		}
		c.Close()
	}
	c, err := s.connect(ctx, to, r.VerifyTLS)
	if err != nil {
		return Outcome{}, err
	}
	o, err := c.exchange(ctx, head, r.Body)
	s.idle.keep(key, c)
	return o, err
}

// explain says what ended a request. The end of the time limit and of the
// caller's context show in many ways, so they are looked at first.
func explain(ctx, limited context.Context, err error, limit time.Duration) *fault {
	f := &fault{kind: KindReset, text: "the connection broke", cause: err}
	errors.As(err, &f)
	switch {
	case f.kind == KindURL || f.kind == KindRequest || f.kind == KindBlocked:
		return f
	case errors.Is(ctx.Err(), context.Canceled):
		return &fault{kind: KindCanceled, text: "the request was cancelled", cause: context.Canceled}
	case limited.Err() != nil, f.kind != KindDNS && isTimeout(err):
		text := "no answer within " + limit.Round(time.Millisecond).String()
		if f.phase != "" {
			text += ": it was still " + f.phase
		}
		return &fault{kind: KindTimeout, text: text, cause: context.DeadlineExceeded}
	}
	return f
}

// isTimeout finds the errors of a deadline that net sets by the context's and
// that may pass a little earlier.
func isTimeout(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
}
