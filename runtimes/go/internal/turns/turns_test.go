package turns

import (
	"context"
	"errors"
	"testing"
)

// A caller that is waiting for its second turn does not hold up another caller.
func TestACallerHasOneTurnAtATime(t *testing.T) {
	turns := New()
	turns.slots = make(chan struct{}, 2)
	end, err := turns.Begin(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan func())
	go func() {
		end, _ := turns.Begin(context.Background(), "ann")
		second <- end
	}()
	endOther, err := turns.Begin(t.Context(), "bob")
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-second:
		t.Fatal("ann got two turns at the same time")
	default:
	}
	end()
	(<-second)()
	endOther()
	if len(turns.queues) != 0 || len(turns.slots) != 0 {
		t.Errorf("%d queues and %d turns are left", len(turns.queues), len(turns.slots))
	}
}

func TestACallThatEndsGivesUpItsPlace(t *testing.T) {
	turns := New()
	turns.slots = make(chan struct{}, 1)
	end, err := turns.Begin(t.Context(), "ann")
	if err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, caller := range []string{"ann", "bob"} {
		if _, err := turns.Begin(cancelled, caller); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", caller, err)
		}
	}
	end()
	if len(turns.queues) != 0 || len(turns.slots) != 0 {
		t.Errorf("%d queues and %d turns are left", len(turns.queues), len(turns.slots))
	}
}
