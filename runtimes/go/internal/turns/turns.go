// Package turns divides expensive work among callers, so that the work of one caller hardly delays the calls of others.
package turns

import (
	"context"
	"runtime"
	"sync"
)

// Turns let at most one piece of work of each caller run at the same time, and leave a processor to everything else.
type Turns struct {
	// slots has room for the work that may run.
	slots chan struct{}

	mu     sync.Mutex
	queues map[string]*queue
}

// queue is the queue of one caller. It exists while work of the caller runs or waits.
type queue struct {
	running chan struct{}
	length  int
}

// New returns the turns for this process.
func New() *Turns {
	return &Turns{
		slots:  make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1)),
		queues: map[string]*queue{},
	}
}

// Begin waits for the turn of a caller, and returns a function that ends it. It fails if ctx ends first.
func (t *Turns) Begin(ctx context.Context, caller string) (end func(), err error) {
	own := t.join(caller)
	if err := enter(ctx, own.running); err != nil {
		t.leave(caller, own)
		return nil, err
	}
	if err := enter(ctx, t.slots); err != nil {
		<-own.running
		t.leave(caller, own)
		return nil, err
	}
	return func() {
		<-t.slots
		<-own.running
		t.leave(caller, own)
	}, nil
}

func enter(ctx context.Context, room chan<- struct{}) error {
	select {
	case room <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *Turns) join(caller string) *queue {
	t.mu.Lock()
	defer t.mu.Unlock()
	own, found := t.queues[caller]
	if !found {
		own = &queue{running: make(chan struct{}, 1)}
		t.queues[caller] = own
	}
	own.length++
	return own
}

func (t *Turns) leave(caller string, own *queue) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own.length--; own.length == 0 {
		delete(t.queues, caller)
	}
}
