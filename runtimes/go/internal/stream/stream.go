package stream

import (
	"context"
	"strconv"
	"time"
)

// Stream is a stream of events in a session. It turns each message into an event with an id and keeps the event for
// replay, even if no call is reading the stream. The mutex of its set guards its state.
type Stream struct {
	set      *Set
	number   int
	sequence int
	// kept counts the stream's events in the replay log. lost is the sequence number of the last event that the log
	// dropped.
	kept, lost int
	reader     *Reader
	ended      bool
}

// Push sends a message, and blocks until the reader has room for more (STREAM-11) or ctx ends. It does not block if no
// call is reading the stream. The stream keeps the message, so callers must not modify it.
func (s *Stream) Push(ctx context.Context, message []byte) {
	if reader := s.offer(message); reader != nil {
		reader.waitForRoom(ctx)
	}
}

// Offer sends a message without blocking. If too much text is pending for the reader, its call fails.
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
		reader.stop(errSlowReader)
		return nil
	}
	reader.write(e)
	return reader
}

// HasReader reports whether a call is reading the stream.
func (s *Stream) HasReader() bool {
	s.set.mu.Lock()
	defer s.set.mu.Unlock()
	return s.reader != nil
}

// FromNow is the position of a reader that gets only new events.
const FromNow = -1

// Attach lets a call read the stream, beginning with the events after a sequence number (RESUME-2). It reports false
// if another call is reading the stream.
func (s *Stream) Attach(reader *Reader, after int) bool {
	s.set.mu.Lock()
	defer s.set.mu.Unlock()
	if s.reader != nil {
		return false
	}
	var missed []event
	if after != FromNow {
		missed = s.set.replay.after(s, after)
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

// Detach removes the reader of a call that has ended.
func (s *Stream) Detach(reader *Reader) {
	s.set.mu.Lock()
	defer s.set.mu.Unlock()
	if s.reader == reader {
		s.reader = nil
	}
}

// Complete ends the call of a reader normally (STREAM-3), and keeps the stream open for other calls.
func (s *Stream) Complete(reader *Reader) {
	s.Detach(reader)
	reader.finish()
}

// AwaitRelease blocks until no call is reading the stream, the limit has passed, or ctx ends.
func (s *Stream) AwaitRelease(ctx context.Context, limit time.Duration) {
	s.set.mu.Lock()
	reader := s.reader
	s.set.mu.Unlock()
	if reader == nil {
		return
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-reader.closed:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Suspend completes the call that is reading the stream, and keeps the stream open for a call that resumes it after
// retry.
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

// End ends the stream, and completes the call that is reading it (STREAM-3).
func (s *Stream) End() {
	s.set.mu.Lock()
	defer s.set.mu.Unlock()
	s.finish()
}

// finish ends the stream. For finish and the methods below, callers must hold the mutex of the set.
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
	s.set.replay.add(s, s.sequence, e)
	return e
}

func (s *Stream) nextID() string {
	s.sequence++
	return s.set.prefix + "-" + strconv.Itoa(s.number) + "-" + strconv.Itoa(s.sequence)
}
