package grpcserver

import (
	"sync"
	"time"
)

// Calls counts the unary calls in flight, so that a stop can wait for them (LIFE-9).
type Calls struct {
	mu       sync.Mutex
	count    int
	stopping bool
	idle     chan struct{}
}

// NewCalls returns a counter without calls.
func NewCalls() *Calls { return &Calls{idle: make(chan struct{})} }

// Begin counts a call. It reports false after Stop.
func (c *Calls) Begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping {
		return false
	}
	c.count++
	return true
}

// End ends a call that Begin counted.
func (c *Calls) End() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count--
	if c.stopping && c.count == 0 {
		close(c.idle)
	}
}

// Stop makes Begin refuse further calls. Only the first Stop has an effect.
func (c *Calls) Stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping {
		return
	}
	c.stopping = true
	if c.count == 0 {
		close(c.idle)
	}
}

// Stopping reports whether Stop was called.
func (c *Calls) Stopping() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopping
}

// Wait returns once no call is in flight after Stop, or the limit has passed.
func (c *Calls) Wait(limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-c.idle:
	case <-timer.C:
	}
}
