package grpcserver

import (
	"sync"
	"time"
)

// Calls tracks the unary calls in flight, so that a shutdown can wait for them (LIFE-9). The zero value is usable.
type Calls struct {
	mu       sync.Mutex
	stopping bool
	inFlight sync.WaitGroup
}

// Begin adds a call. It reports false after Stop.
func (c *Calls) Begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping {
		return false
	}
	c.inFlight.Add(1)
	return true
}

// End ends a call that Begin added.
func (c *Calls) End() { c.inFlight.Done() }

// Stop makes Begin refuse further calls.
func (c *Calls) Stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopping = true
}

// Stopping reports whether Stop was called.
func (c *Calls) Stopping() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopping
}

// Wait blocks until no call is in flight, or the limit has passed. The caller must call Stop first.
func (c *Calls) Wait(limit time.Duration) { waitFor(c.inFlight.Wait, limit) }

// waitFor calls wait, and reports whether it returned within the limit.
func waitFor(wait func(), limit time.Duration) bool {
	returned := make(chan struct{})
	go func() {
		defer close(returned)
		wait()
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-returned:
		return true
	case <-timer.C:
		return false
	}
}
