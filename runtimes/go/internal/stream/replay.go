package stream

// replayEntry is an event kept for replay.
type replayEntry struct {
	stream   *Stream
	sequence int
	event    event
}

// replayLog keeps the latest events of all streams of a session, limited in number and size (RESUME-4).
type replayLog struct {
	maxEvents, maxBytes int
	entries             []replayEntry
	bytes               int
}

// add appends an event, then drops the oldest events while the log exceeds its limits.
func (l *replayLog) add(s *Stream, sequence int, e event) {
	l.entries = append(l.entries, replayEntry{s, sequence, e})
	l.bytes += len(e.data)
	s.kept++
	for len(l.entries) > 0 && (len(l.entries) > l.maxEvents || l.bytes > l.maxBytes) {
		oldest := l.entries[0]
		l.entries[0] = replayEntry{} // Otherwise, the backing array would keep the event in memory.
		l.entries = l.entries[1:]
		l.bytes -= len(oldest.event.data)
		oldest.stream.kept--
		oldest.stream.lost = oldest.sequence
		if oldest.stream != s {
			oldest.stream.set.forget(oldest.stream)
		}
	}
}

// after returns the events of a stream that follow a sequence number and are still in the log.
func (l *replayLog) after(s *Stream, sequence int) []event {
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
