package stream

import (
	"context"
	"strconv"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
)

// Stream is a stream of messages in a session. It outlives the calls that read it: messages get their ids, and are kept
// for replay, whether anybody reads or not. Its state is guarded by the mutex of its set.
type Stream struct {
	set      *Set
	number   int
	sequence int
	// kept counts the messages in the set's log, lost is the last one that the log has forgotten.
	kept, lost int
	reader     *Reader
	ended      bool
}

// Push sends a message, which belongs to the stream from now on, and waits until the reader has room for more
// (STREAM-11) or ctx ends. Nobody waits for a stream that is not read.
func (s *Stream) Push(ctx context.Context, message []byte) {
	if reader := s.offer(message); reader != nil {
		reader.waitForRoom(ctx)
	}
}

// Offer sends a message without waiting. A reader that lets too much pile up loses its call.
func (s *Stream) Offer(message []byte) { s.offer(message) }

func (s *Stream) offer(message []byte) *Reader {
	s.set.mu.Lock()
	defer s.set.mu.Unlock()
	if s.ended {
		return nil
	}
	e := s.record(message)
	reader := s.reader
	if reader == nil {
		return nil
	}
	if reader.pending() > s.set.limits.BufferBytes {
		s.reader = nil
		reader.fail(&failure.Call{Category: failure.RateLimited, Message: "The reader of the stream is too slow"})
		return nil
	}
	reader.write(e)
	return reader
}

// Read says whether a call reads the stream.
func (s *Stream) Read() bool {
	s.set.mu.Lock()
	defer s.set.mu.Unlock()
	return s.reader != nil
}

// FromNow is for a call that has missed nothing.
const FromNow = -1

// Attach begins to write to a call: first the messages that followed the one with the number after (RESUME-2), then the
// stream as it goes on. It reports false where another call reads the stream.
func (s *Stream) Attach(reader *Reader, after int) bool {
	s.set.mu.Lock()
	defer s.set.mu.Unlock()
	if s.reader != nil {
		return false
	}
	var missed []event
	if after != FromNow {
		missed = s.set.log.after(s, after)
	}
	for _, e := range missed {
		reader.write(e)
	}
	if s.ended {
		reader.finish()
		return true
	}
	if len(missed) == 0 && s.set.priming {
		reader.write(event{id: s.nextID()})
	}
	s.reader = reader
	return true
}

// Detach lets a call go that has ended.
func (s *Stream) Detach(reader *Reader) {
	s.set.mu.Lock()
	defer s.set.mu.Unlock()
	if s.reader == reader {
		s.reader = nil
	}
}

// Released waits until no call reads the stream any more, ctx ends or the time is over.
func (s *Stream) Released(ctx context.Context, within time.Duration) {
	s.set.mu.Lock()
	reader := s.reader
	s.set.mu.Unlock()
	if reader == nil {
		return
	}
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-reader.closed:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Suspend ends the call that reads, and leaves the stream open to one that resumes it after the time retry.
func (s *Stream) Suspend(retry time.Duration) {
	s.set.mu.Lock()
	defer s.set.mu.Unlock()
	if s.reader == nil {
		return
	}
	s.reader.write(event{id: s.nextID(), retry: retry})
	s.reader.finish()
	s.reader = nil
}

// End ends the stream and the call that reads it, in the regular way (STREAM-3).
func (s *Stream) End() {
	s.set.mu.Lock()
	defer s.set.mu.Unlock()
	s.finish()
}

// finish and what follows expect the mutex of the set to be held.
func (s *Stream) finish() {
	s.ended = true
	if s.reader != nil {
		s.reader.finish()
		s.reader = nil
	}
	s.set.forget(s)
}

func (s *Stream) record(message []byte) event {
	e := event{id: s.nextID(), data: message}
	s.set.log.add(s, s.sequence, e)
	return e
}

func (s *Stream) nextID() string {
	s.sequence++
	return s.set.prefix + "-" + strconv.Itoa(s.number) + "-" + strconv.Itoa(s.sequence)
}
