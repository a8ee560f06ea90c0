package delivery

import (
	"container/list"
	"sync"
	"time"
)

const (
	defaultMaxIdle        = 1024
	defaultMaxIdlePerHost = 64
)

// A poolKey tells connections apart that may not stand in for each other.
type poolKey struct {
	secure  bool
	address string
	verify  bool
}

// A pool keeps connections that nobody uses. They have no goroutine and no
// buffer, so that many cost little.
type pool struct {
	max, maxPerHost int
	lifetime        time.Duration

	mu     sync.Mutex
	byHost map[poolKey][]*idleConn // the latest last
	byAge  list.List               // of *idleConn, the oldest first
}

type idleConn struct {
	*conn
	key     poolKey
	element *list.Element
	expiry  *time.Timer
}

func newPool(maxIdle, maxPerHost int, lifetime time.Duration) *pool {
	return &pool{max: maxIdle, maxPerHost: maxPerHost, lifetime: lifetime, byHost: map[poolKey][]*idleConn{}}
}

// take returns a connection, the one that was used last, or nil.
func (p *pool) take(key poolKey) *conn {
	for {
		p.mu.Lock()
		kept := p.byHost[key]
		if len(kept) == 0 {
			p.mu.Unlock()
			return nil
		}
		i := kept[len(kept)-1]
		p.remove(i)
		p.mu.Unlock()
		if quiet(i.raw) {
			return i.conn
		}
		_ = i.Close()
	}
}

// keep takes a connection back after an exchange. What cannot be used again is
// closed.
func (p *pool) keep(key poolKey, c *conn) {
	if !c.reusable {
		_ = c.Close()
		return
	}
	i := &idleConn{conn: c, key: key}
	var surplus *idleConn
	p.mu.Lock()
	if kept := p.byHost[key]; len(kept) >= p.maxPerHost {
		surplus = kept[0]
	} else if p.byAge.Len() >= p.max {
		surplus = p.byAge.Front().Value.(*idleConn)
	}
	if surplus != nil {
		p.remove(surplus)
	}
	p.byHost[key] = append(p.byHost[key], i)
	i.element = p.byAge.PushBack(i)
	i.expiry = time.AfterFunc(p.lifetime, func() { p.expire(i) })
	p.mu.Unlock()
	if surplus != nil {
		_ = surplus.Close()
	}
}

func (p *pool) expire(i *idleConn) {
	p.mu.Lock()
	mine := i.element != nil
	if mine {
		p.remove(i)
	}
	p.mu.Unlock()
	if mine {
		_ = i.Close()
	}
}

// remove forgets a kept connection. The caller holds the lock.
func (p *pool) remove(i *idleConn) {
	i.expiry.Stop()
	p.byAge.Remove(i.element)
	i.element = nil
	kept := p.byHost[i.key]
	for n, other := range kept {
		if other == i {
			kept = append(kept[:n], kept[n+1:]...)
			break
		}
	}
	if len(kept) == 0 {
		delete(p.byHost, i.key)
	} else {
		p.byHost[i.key] = kept
	}
}

func (p *pool) close() {
	p.mu.Lock()
	var all []*idleConn
	for p.byAge.Len() > 0 {
		i := p.byAge.Front().Value.(*idleConn)
		p.remove(i)
		all = append(all, i)
	}
	p.mu.Unlock()
	for _, i := range all {
		_ = i.Close()
	}
}
