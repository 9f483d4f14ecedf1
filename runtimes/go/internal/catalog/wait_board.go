package catalog

import (
	"context"
	"sync"
	"time"
)

// outcome is how a wait ended, or why it did not begin. It is the text of the tool.
type outcome string

const (
	released  outcome = "released"
	cancelled outcome = "cancelled"
	timedOut  outcome = "timed out"
	noRoom    outcome = "too much is waiting"
)

type boardLimits struct {
	owners, keysPerOwner int
	timeout              time.Duration
}

var defaultBoardLimits = boardLimits{owners: 1000, keysPerOwner: 1000, timeout: time.Minute}

// waitBoard tracks calls that wait until they are released, and remembers how they ended. It is bounded, and separate for
// each owner.
type waitBoard struct {
	limits boardLimits

	mu     sync.Mutex
	owners map[string]*boardOwner
	made   int
}

type boardOwner struct {
	made    int
	entries map[string]*boardEntry
}

type boardEntry struct {
	made    int
	state   string
	waiters map[chan outcome]struct{}
}

func newWaitBoard(limits boardLimits) *waitBoard {
	return &waitBoard{limits: limits, owners: map[string]*boardOwner{}}
}

// wait blocks until it is released, the context ends, or the timeout passes.
func (b *waitBoard) wait(ctx context.Context, owner, key string) outcome {
	waiter := make(chan outcome, 1)
	entry := b.join(owner, key, waiter)
	if entry == nil {
		return noRoom
	}
	timer := time.NewTimer(b.limits.timeout)
	defer timer.Stop()
	select {
	case outcome := <-waiter:
		return outcome
	case <-ctx.Done():
		return b.leave(entry, waiter, cancelled)
	case <-timer.C:
		return b.leave(entry, waiter, timedOut)
	}
}

// release ends all waits for a key, and returns their number.
func (b *waitBoard) release(owner, key string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	entry := b.find(owner, key)
	if entry == nil {
		return 0
	}
	count := len(entry.waiters)
	for waiter := range entry.waiters {
		waiter <- released
	}
	if count > 0 {
		clear(entry.waiters)
		entry.state = "finished"
	}
	return count
}

// state returns the state of the waits for a key.
func (b *waitBoard) state(owner, key string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if entry := b.find(owner, key); entry != nil {
		return entry.state
	}
	return "unknown"
}

func (b *waitBoard) find(owner, key string) *boardEntry {
	if found := b.owners[owner]; found != nil {
		return found.entries[key]
	}
	return nil
}

func (b *waitBoard) join(owner, key string, waiter chan outcome) *boardEntry {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.made++
	keys := b.owners[owner]
	if keys == nil {
		if !makeRoom(b.owners, b.limits.owners, (*boardOwner).isOver, (*boardOwner).age) {
			return nil
		}
		keys = &boardOwner{made: b.made, entries: map[string]*boardEntry{}}
		b.owners[owner] = keys
	}
	entry := keys.entries[key]
	if entry == nil {
		if !makeRoom(keys.entries, b.limits.keysPerOwner, (*boardEntry).isOver, (*boardEntry).age) {
			return nil
		}
		entry = &boardEntry{made: b.made, waiters: map[chan outcome]struct{}{}}
		keys.entries[key] = entry
	}
	entry.state = "running"
	entry.waiters[waiter] = struct{}{}
	return entry
}

// leave ends a wait, unless a release came first.
func (b *waitBoard) leave(entry *boardEntry, waiter chan outcome, why outcome) outcome {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, waits := entry.waiters[waiter]; !waits {
		return <-waiter
	}
	delete(entry.waiters, waiter)
	if len(entry.waiters) == 0 {
		entry.state = "finished"
		if why == cancelled {
			entry.state = "cancelled"
		}
	}
	return why
}

func (e *boardEntry) isOver() bool { return len(e.waiters) == 0 }

func (e *boardEntry) age() int { return e.made }

func (o *boardOwner) age() int { return o.made }

func (o *boardOwner) isOver() bool {
	for _, entry := range o.entries {
		if !entry.isOver() {
			return false
		}
	}
	return true
}

// makeRoom drops the oldest value that is over if the limit is reached. It reports whether there is room.
func makeRoom[V any](values map[string]V, limit int, isOver func(V) bool, age func(V) int) bool {
	if len(values) < limit {
		return true
	}
	oldest, found := "", false
	for key, value := range values {
		if isOver(value) && (!found || age(value) < age(values[oldest])) {
			oldest, found = key, true
		}
	}
	delete(values, oldest)
	return found
}
