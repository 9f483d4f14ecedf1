package stream

// entry is a message that is kept for replay.
type entry struct {
	stream   *Stream
	sequence int
	event    event
}

// log keeps the latest messages of all streams of a session, bounded in number and size (RESUME-4).
type log struct {
	maxEvents, maxBytes int
	entries             []entry
	bytes               int
}

// add keeps a message and forgets the oldest ones that there is no room for.
func (l *log) add(s *Stream, sequence int, e event) {
	l.entries = append(l.entries, entry{s, sequence, e})
	l.bytes += len(e.data)
	s.kept++
	for len(l.entries) > 0 && (len(l.entries) > l.maxEvents || l.bytes > l.maxBytes) {
		oldest := l.entries[0]
		l.entries[0] = entry{} // The array lives on: it must not hold the message.
		l.entries = l.entries[1:]
		l.bytes -= len(oldest.event.data)
		oldest.stream.kept--
		oldest.stream.lost = oldest.sequence
		if oldest.stream != s {
			oldest.stream.set.forget(oldest.stream)
		}
	}
}

// after is the messages of a stream that followed the one with a number.
func (l *log) after(s *Stream, sequence int) []event {
	if s.kept == 0 {
		return nil
	}
	var missed []event
	for _, kept := range l.entries {
		if kept.stream == s && kept.sequence > sequence {
			missed = append(missed, kept.event)
		}
	}
	return missed
}
