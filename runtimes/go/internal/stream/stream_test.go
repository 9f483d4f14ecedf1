package stream

import (
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
)

func newSet() *Set {
	return NewSet(Limits{ReplayEvents: 3, ReplayBytes: 1000, BufferBytes: 100})
}

// text returns the text that a reader received, and the final error if the stream has ended.
func text(t *testing.T, reader *Reader) (string, error) {
	t.Helper()
	var all strings.Builder
	for {
		piece, err := reader.Take()
		if piece == nil {
			return all.String(), err
		}
		all.Write(piece)
		reader.Sent()
	}
}

var idLine = regexp.MustCompile(`(?m)^id: (.+)$`)

func ids(events string) []string {
	var found []string
	for _, match := range idLine.FindAllStringSubmatch(events, -1) {
		found = append(found, match[1])
	}
	return found
}

func data(events string) string {
	var found []string
	for line := range strings.Lines(events) {
		if value, ok := strings.CutPrefix(line, "data: "); ok {
			found = append(found, strings.TrimSpace(value))
		}
	}
	return strings.Join(found, " ")
}

func TestEventsHaveUniqueIDs(t *testing.T) {
	set := newSet()
	reader := NewReader(1000)
	set.Live().Attach(reader, FromNow)
	set.Live().Offer([]byte("a"))
	set.Live().Offer([]byte("b"))
	events, err := text(t, reader)
	if data(events) != "a b" || err != nil {
		t.Errorf("got %q, %v", events, err)
	}
	given := ids(events)
	if len(given) != 2 || given[0] == given[1] {
		t.Errorf("got ids %v", given)
	}
}

func TestReplayRepeatsLaterMessagesOfTheStream(t *testing.T) {
	set := newSet()
	first := NewReader(1000)
	set.Live().Attach(first, FromNow)
	set.Live().Offer([]byte("a"))
	set.Live().Offer([]byte("b"))
	events, _ := text(t, first)
	set.Live().Detach(first)
	set.Record([]byte("of another stream"))

	found, after, ok := set.Find(ids(events)[0])
	if !ok || found != set.Live() {
		t.Fatal("the stream was not found")
	}
	second := NewReader(1000)
	found.Attach(second, after)
	found.Offer([]byte("c"))
	replayed, err := text(t, second)
	if data(replayed) != "b c" || err != nil {
		t.Errorf("got %q, %v", data(replayed), err)
	}
	if got, want := ids(replayed)[0], ids(events)[1]; got != want {
		t.Errorf("replayed with id %s, want %s", got, want)
	}
}

func TestReplayIsLimited(t *testing.T) {
	set := NewSet(Limits{ReplayEvents: 3, ReplayBytes: 1000, BufferBytes: 10_000})
	reader := NewReader(10_000)
	set.Live().Attach(reader, FromNow)
	for range 10 {
		set.Live().Offer([]byte("x"))
	}
	events, _ := text(t, reader)
	if _, _, ok := set.Find(ids(events)[5]); ok {
		t.Error("found an event although its successors were dropped")
	}
	if _, _, ok := set.Find(ids(events)[6]); !ok {
		t.Error("did not find an event although its successors were kept")
	}
	set.Live().Offer([]byte(strings.Repeat("x", 1001)))
	if len(set.replay.entries) != 0 || set.replay.bytes != 0 {
		t.Errorf("kept %d messages with %d bytes, want none", len(set.replay.entries), set.replay.bytes)
	}
	for range 100 {
		set.Record([]byte("x"))
	}
	if len(set.streams) > 1+3 {
		t.Errorf("kept %d streams for 3 messages", len(set.streams))
	}
}

func TestUnknownIDsAreNotFound(t *testing.T) {
	set, other := newSet(), newSet()
	id := ids(string(other.Record([]byte("x"))))[0]
	for _, wrong := range []string{id, "", "1", set.prefix, set.prefix + "-0-1", set.prefix + "-0-0", set.prefix + "-9-1"} {
		if _, _, ok := set.Find(wrong); ok {
			t.Errorf("%q was found", wrong)
		}
	}
}

func TestAProducerWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := newSet()
		reader := NewReader(10)
		set.Live().Attach(reader, FromNow)
		pushed := make(chan struct{})
		go func() {
			defer close(pushed)
			set.Live().Push(t.Context(), []byte("long enough"))
		}()
		synctest.Wait()
		select {
		case <-pushed:
			t.Fatal("the producer did not wait")
		default:
		}
		if _, err := reader.Take(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		select {
		case <-pushed:
			t.Fatal("the producer did not wait until its message was sent")
		default:
		}
		reader.Sent()
		<-pushed
	})
}

func TestAProducerStopsWaitingWhenItsContextOrReaderEnds(t *testing.T) {
	set := newSet()
	reader := NewReader(0)
	set.Live().Attach(reader, FromNow)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	set.Live().Push(ended, []byte("x"))
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		set.Live().Push(t.Context(), []byte("x"))
	}()
	reader.Close()
	<-closed
}

func TestASlowReaderFailsButItsMessagesAreKept(t *testing.T) {
	set := newSet()
	reader := NewReader(10)
	set.Live().Attach(reader, FromNow)
	for range 3 {
		set.Live().Offer([]byte(strings.Repeat("x", 90)))
	}
	rest, err := reader.Take()
	if call, ok := errors.AsType[*failure.Call](err); rest != nil || !ok || call.Category != failure.RateLimited {
		t.Errorf("got %q, %v", rest, err)
	}
	if set.Live().HasReader() {
		t.Error("the stream still has its reader")
	}
	if len(set.replay.entries) != 3 {
		t.Errorf("kept %d messages, want 3", len(set.replay.entries))
	}
}

func TestOneCallReadsAStreamAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := newSet()
		first, second := NewReader(10), NewReader(10)
		if !set.Live().Attach(first, FromNow) || set.Live().Attach(second, FromNow) {
			t.Fatal("want the first call to read the stream and the second to be refused")
		}
		started := time.Now()
		set.Live().AwaitRelease(t.Context(), time.Minute)
		if time.Since(started) != time.Minute {
			t.Errorf("waited %s", time.Since(started))
		}
		go func() {
			time.Sleep(time.Second)
			set.Live().Detach(first)
			first.Close()
		}()
		started = time.Now()
		set.Live().AwaitRelease(t.Context(), time.Minute)
		if time.Since(started) != time.Second || !set.Live().Attach(second, FromNow) {
			t.Error("the second call did not get the stream when the first released it")
		}
	})
}

func TestASuspendedStreamCanBeResumed(t *testing.T) {
	set := newSet()
	set.Prime()
	answer := set.Open()
	first := NewReader(1000)
	answer.Attach(first, FromNow)
	answer.Suspend(500 * time.Millisecond)
	events, err := text(t, first)
	if !errors.Is(err, io.EOF) || !strings.Contains(events, "\nretry: 500\ndata: \n\n") {
		t.Errorf("got %q, %v", events, err)
	}
	answer.Offer([]byte("result"))
	answer.End()
	given := ids(events)
	found, after, ok := set.Find(given[len(given)-1])
	if !ok {
		t.Fatal("the stream was not found")
	}
	second := NewReader(1000)
	found.Attach(second, after)
	if events, err := text(t, second); data(events) != "result" || !errors.Is(err, io.EOF) {
		t.Errorf("got %q, %v", events, err)
	}
}

func TestAStreamEndsAfterItsMessages(t *testing.T) {
	set := newSet()
	reader := NewReader(1000)
	set.Live().Attach(reader, FromNow)
	set.Live().Offer([]byte("a"))
	set.End()
	set.Live().Offer([]byte("late"))
	if events, err := text(t, reader); data(events) != "a" || !errors.Is(err, io.EOF) {
		t.Errorf("got %q, %v", events, err)
	}
}

func TestRecordedMessagesCanBeResumed(t *testing.T) {
	set := newSet()
	events := string(set.Record([]byte("a"), []byte("b")))
	found, after, ok := set.Find(ids(events)[0])
	if !ok {
		t.Fatal("the stream was not found")
	}
	reader := NewReader(1000)
	found.Attach(reader, after)
	replayed, err := text(t, reader)
	if data(replayed) != "b" || !errors.Is(err, io.EOF) || !slices.Equal(ids(replayed), ids(events)[1:]) {
		t.Errorf("got %q, %v", replayed, err)
	}
}
