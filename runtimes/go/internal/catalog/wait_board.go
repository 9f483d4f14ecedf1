package catalog

import (
	"context"
	"slices"
	"sync"
	"time"
)

// outcome is the result of a wait. The tool returns it as text.
type outcome string

const (
	released  outcome = "released"
	cancelled outcome = "cancelled"
	timedOut  outcome = "timed out"
	noRoom    outcome = "too many calls are waiting"
)

type boardLimits struct {
	owners, keysPerOwner int
	timeout              time.Duration
}

var defaultBoardLimits = boardLimits{owners: 1000, keysPerOwner: 1000, timeout: time.Minute}

// waitBoard tracks calls that wait for a release, and remembers their outcomes. Its size is limited. Owners cannot see
// or release the waits of others.
type waitBoard struct {
	limits boardLimits

	mu     sync.Mutex
	owners bounded[*bounded[*boardEntry]]
}

type boardEntry struct {
	state   string
	waiters map[chan outcome]struct{}
}

func (e *boardEntry) isOver() bool { return len(e.waiters) == 0 }

func newWaitBoard(limits boardLimits) *waitBoard {
	return &waitBoard{limits: limits, owners: bounded[*bounded[*boardEntry]]{limit: limits.owners}}
}

// wait blocks until a release, the end of ctx, or the timeout.
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
	return b.find(owner, key).state
}

func (b *waitBoard) find(owner, key string) *boardEntry {
	if keys := b.owners.values[owner]; keys != nil && keys.values[key] != nil {
		return keys.values[key]
	}
	return &boardEntry{state: "unknown"}
}

func (b *waitBoard) join(owner, key string, waiter chan outcome) *boardEntry {
	b.mu.Lock()
	defer b.mu.Unlock()
	keys, ok := b.owners.get(owner, &bounded[*boardEntry]{limit: b.limits.keysPerOwner})
	if !ok {
		return nil
	}
	entry, ok := keys.get(key, &boardEntry{waiters: map[chan outcome]struct{}{}})
	if !ok {
		return nil
	}
	entry.state = "running"
	entry.waiters[waiter] = struct{}{}
	return entry
}

// leave ends a wait, unless a release has already ended it.
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

// bounded is a map of limited size. If it is full, a new key replaces the oldest key whose waits have ended.
type bounded[V interface{ isOver() bool }] struct {
	limit  int
	values map[string]V
	// keys lists the keys in insertion order.
	keys []string
}

func (b *bounded[V]) isOver() bool {
	return !slices.ContainsFunc(b.keys, func(key string) bool { return !b.values[key].isOver() })
}

// get returns the value of a key. If the key is new, get adds the given value. It reports false if the map is full.
func (b *bounded[V]) get(key string, value V) (V, bool) {
	if found, exists := b.values[key]; exists {
		return found, true
	}
	if len(b.keys) >= b.limit {
		i := slices.IndexFunc(b.keys, func(key string) bool { return b.values[key].isOver() })
		if i < 0 {
			return value, false
		}
		delete(b.values, b.keys[i])
		b.keys = slices.Delete(b.keys, i, i+1)
	}
	if b.values == nil {
		b.values = map[string]V{}
	}
	b.values[key] = value
	b.keys = append(b.keys, key)
	return value, true
}
