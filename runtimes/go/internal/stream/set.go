package stream

import (
	"crypto/rand"
	"strconv"
	"strings"
	"sync"
)

// Limits bound what a session keeps of its streams, in messages and bytes.
type Limits struct {
	// ReplayEvents and ReplayBytes bound what is kept for replay (RESUME-4).
	ReplayEvents int
	ReplayBytes  int
	// BufferBytes is how much may wait for a slow reader before its call is ended (STREAM-11).
	BufferBytes int
}

// Set is the streams of one session: the live stream, those of its requests, and what is kept of them for replay.
type Set struct {
	limits Limits
	// prefix is in every event id: no other session's id is valid here (RESUME-3).
	prefix string
	live   *Stream

	mu      sync.Mutex
	log     log
	streams map[int]*Stream
	opened  int
	priming bool
}

// NewSet makes the streams of a session.
func NewSet(limits Limits) *Set {
	set := &Set{
		limits:  limits,
		prefix:  rand.Text(),
		log:     log{maxEvents: limits.ReplayEvents, maxBytes: limits.ReplayBytes},
		streams: map[int]*Stream{},
	}
	set.live = set.Open()
	return set
}

// Live is the stream for messages that belong to no request (STREAM-1).
func (s *Set) Live() *Stream { return s.live }

// Prime lets every stream begin with an event that carries an id and no data.
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

// Record opens a stream, gives it these messages and ends it: the text is for a reader that gets the whole at once.
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

// Find is the stream that gave an event id, and the number of the event in it. It reports false for an id that says
// nothing here, or no longer (RESUME-3).
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

// End ends every stream in the regular way (SESSION-8).
func (s *Set) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, stream := range s.streams {
		stream.finish()
	}
}

// forget lets go of a stream that is over and of which nothing is kept. The mutex is held.
func (s *Set) forget(stream *Stream) {
	if stream.ended && stream.kept == 0 {
		delete(s.streams, stream.number)
	}
}
