package serving

import (
	"sync"
	"time"
)

// inFlight tracks the unary calls in flight, so that a shutdown can wait for them (LIFE-9). The zero value is usable.
type inFlight struct {
	mu         sync.Mutex
	isStopping bool
	calls      sync.WaitGroup
}

// begin adds a call. It reports false after stop.
func (f *inFlight) begin() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.isStopping {
		return false
	}
	f.calls.Add(1)
	return true
}

// end ends a call that begin added.
func (f *inFlight) end() { f.calls.Done() }

// stop makes begin refuse further calls.
func (f *inFlight) stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.isStopping = true
}

// stopping reports whether stop was called.
func (f *inFlight) stopping() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.isStopping
}

// wait blocks until no call is in flight, or the limit has passed. The caller must call stop first.
func (f *inFlight) wait(limit time.Duration) { Within(limit, f.calls.Wait) }

// Within calls wait, and reports whether it returned within the limit.
func Within(limit time.Duration, wait func()) bool {
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
