package stream

import (
	"crypto/rand"
	"strconv"
	"strings"
	"sync"
)

// Limits are the limits of a session's streams.
type Limits struct {
	// ReplayEvents and ReplayBytes limit the number and the total size of the events kept for replay (RESUME-4).
	ReplayEvents int
	ReplayBytes  int
	// BufferBytes limits the text pending for a slow reader. If more is pending, the reader's call fails (STREAM-11).
	BufferBytes int
}

// Set contains the streams of a session: the live stream, the streams of its requests, and the events kept for
// replay.
type Set struct {
	limits Limits
	// prefix is part of every event id, so that ids of other sessions are invalid here (RESUME-3).
	prefix string
	live   *Stream

	mu      sync.Mutex
	replay  replayLog
	streams map[int]*Stream
	opened  int
	priming bool
}

// NewSet returns the streams of a new session.
func NewSet(limits Limits) *Set {
	set := &Set{
		limits:  limits,
		prefix:  rand.Text(),
		replay:  replayLog{maxEvents: limits.ReplayEvents, maxBytes: limits.ReplayBytes},
		streams: map[int]*Stream{},
	}
	set.live = set.Open()
	return set
}

// Live returns the stream for messages without a request (STREAM-1).
func (s *Set) Live() *Stream { return s.live }

// Prime makes every stream begin with an event that has an id and no data.
func (s *Set) Prime() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.priming = true
}

// Open opens a stream for a request.
func (s *Set) Open() *Stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	stream := &Stream{set: s, number: s.opened}
	s.opened++
	s.streams[stream.number] = stream
	return stream
}

// Record encodes messages as the events of a new, complete stream, and keeps the events for replay.
func (s *Set) Record(messages ...[]byte) []byte {
	stream := s.Open()
	s.mu.Lock()
	defer s.mu.Unlock()
	var text []byte
	for _, message := range messages {
		text = stream.record(message).appendTo(text)
	}
	stream.finish()
	return text
}

// Find returns the stream and the sequence number of an event. It reports false if the event id is unknown, or if later
// events of the stream are no longer kept (RESUME-3).
func (s *Set) Find(eventID string) (*Stream, int, bool) {
	prefix, rest, _ := strings.Cut(eventID, "-")
	first, second, _ := strings.Cut(rest, "-")
	number, err := strconv.Atoi(first)
	sequence, err2 := strconv.Atoi(second)
	if prefix != s.prefix || err != nil || err2 != nil {
		return nil, 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	stream, ok := s.streams[number]
	if !ok || sequence < 1 || sequence > stream.sequence || sequence < stream.lost {
		return nil, 0, false
	}
	return stream, sequence, true
}

// End ends every stream, and completes the calls that are reading them (SESSION-8).
func (s *Set) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, stream := range s.streams {
		stream.finish()
	}
}

// forget removes a stream that has ended and has no events left in the replay log. Callers must hold the mutex.
func (s *Set) forget(stream *Stream) {
	if stream.ended && stream.kept == 0 {
		delete(s.streams, stream.number)
	}
}
