// Package stream implements the streams of a session: server-sent events with ids, their readers, and their replay.
package stream

import (
	"strconv"
	"time"
)

// event is a server-sent event. Data is optional.
type event struct {
	id    string
	data  []byte
	retry time.Duration
}

// appendTo appends the encoded event (STREAM-6). Messages are JSON without line breaks, so one data line is enough.
func (e event) appendTo(text []byte) []byte {
	text = append(append(append(text, "id: "...), e.id...), '\n')
	if e.retry > 0 {
		text = append(strconv.AppendInt(append(text, "retry: "...), e.retry.Milliseconds(), 10), '\n')
	}
	return append(append(append(text, "data: "...), e.data...), "\n\n"...)
}

// KeepAlive is a comment that keeps an idle stream alive (STREAM-7).
var KeepAlive = []byte(": keep-alive\n\n")
