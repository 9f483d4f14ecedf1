package grpcserver

import (
	"sync"
	"time"
)

// Calls counts the unary calls under way: a stop waits for them, within a limit (LIFE-9).
type Calls struct {
	mu       sync.Mutex
	count    int
	stopping bool
	idle     chan struct{}
}

// NewCalls makes a count of no calls.
func NewCalls() *Calls { return &Calls{idle: make(chan struct{})} }

// Begin counts a call, unless there has been a stop.
func (c *Calls) Begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping {
		return false
	}
	c.count++
	return true
}

// End says that a call is over.
func (c *Calls) End() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count--
	if c.stopping && c.count == 0 {
		close(c.idle)
	}
}

// Stop lets no more calls begin. Stopping twice is stopping once.
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

// Stopping says whether there has been a stop.
func (c *Calls) Stopping() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopping
}

// Wait returns after a stop when no call is under way any more, or the time is over.
func (c *Calls) Wait(within time.Duration) {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-c.idle:
	case <-timer.C:
	}
}
