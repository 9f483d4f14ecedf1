// Package stream holds the streams of a session: server-sent events with ids, the call that reads them, and what is kept
// of them for replay.
package stream

import (
	"strconv"
	"time"
)

// event is one server-sent event. Without data it only gives an id.
type event struct {
	id    string
	data  []byte
	retry time.Duration
}

// appendTo frames the event (STREAM-6). JSON has no line ends of its own, so one data line is enough.
func (e event) appendTo(text []byte) []byte {
	text = append(append(append(text, "id: "...), e.id...), '\n')
	if e.retry > 0 {
		text = append(strconv.AppendInt(append(text, "retry: "...), e.retry.Milliseconds(), 10), '\n')
	}
	return append(append(append(text, "data: "...), e.data...), "\n\n"...)
}

// KeepAlive is a comment, which readers ignore: it keeps an idle stream alive (STREAM-7).
var KeepAlive = []byte(": keep-alive\n\n")
