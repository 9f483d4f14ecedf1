package catalog

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestWaitEnds(t *testing.T) {
	for name, test := range map[string]struct {
		end   func(board *waitBoard, cancel func())
		want  outcome
		state string
		after time.Duration
	}{
		"when it is released": {
			func(board *waitBoard, _ func()) {
				time.Sleep(time.Second)
				if board.release("other", "key") != 0 || board.release("owner", "key") != 1 {
					panic("release must count only the waits of its owner")
				}
			}, released, "finished", time.Second,
		},
		"when its context is cancelled": {
			func(_ *waitBoard, cancel func()) { time.Sleep(time.Second); cancel() }, cancelled, "cancelled", time.Second,
		},
		"at its timeout": {func(*waitBoard, func()) {}, timedOut, "finished", time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				board := newWaitBoard(defaultBoardLimits)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				started := time.Now()
				go func() {
					synctest.Wait()
					if state := board.state("owner", "key"); state != "running" {
						panic(state)
					}
					test.end(board, cancel)
				}()
				if got := board.wait(ctx, "owner", "key"); got != test.want || time.Since(started) != test.after {
					t.Errorf("got %q after %s", got, time.Since(started))
				}
				if got := board.state("owner", "key"); got != test.state {
					t.Errorf("got state %q, want %q", got, test.state)
				}
			})
		})
	}
}

func TestABoardDropsTheOldestFinishedWait(t *testing.T) {
	board := newWaitBoard(boardLimits{owners: 2, keysPerOwner: 3, timeout: time.Minute})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for i := range 4 {
		board.wait(ended, "a", strconv.Itoa(i))
	}
	for key, want := range map[string]string{"0": "unknown", "1": "cancelled", "3": "cancelled"} {
		if got := board.state("a", key); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
	board.wait(ended, "b", "x")
	board.wait(ended, "c", "x")
	if len(board.owners.values) != 2 || board.state("a", "3") != "unknown" {
		t.Errorf("kept %d owners, want the latest 2", len(board.owners.values))
	}
}

func TestAFullBoardRefusesNewWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		board := newWaitBoard(boardLimits{owners: 1, keysPerOwner: 1, timeout: time.Minute})
		go board.wait(t.Context(), "a", "1")
		synctest.Wait()
		for _, other := range [][2]string{{"a", "2"}, {"b", "1"}} {
			if got := board.wait(t.Context(), other[0], other[1]); got != noRoom {
				t.Errorf("%v: got %q", other, got)
			}
		}
		board.release("a", "1")
	})
}
