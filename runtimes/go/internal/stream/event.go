// Package stream implements the streams of a session: server-sent events with ids, their readers, and their replay.
package stream

import (
	"strconv"
	"time"
)

// event is a server-sent event. Its id is "" in streams that cannot be resumed. Data is optional.
type event struct {
	id    string
	data  []byte
	retry time.Duration
}

// appendTo appends the encoded event (STREAM-6). Messages are JSON without line breaks, so one data line is enough.
func (e event) appendTo(text []byte) []byte {
	if e.id != "" {
		text = append(append(append(text, "id: "...), e.id...), '\n')
	}
	if e.retry > 0 {
		text = append(strconv.AppendInt(append(text, "retry: "...), e.retry.Milliseconds(), 10), '\n')
	}
	return append(append(append(text, "data: "...), e.data...), "\n\n"...)
}

// Encode returns messages as events without ids.
func Encode(messages ...[]byte) []byte {
	var text []byte
	for _, message := range messages {
		text = event{data: message}.appendTo(text)
	}
	return text
}

// KeepAlive is a comment that keeps an idle stream alive (STREAM-7).
var KeepAlive = []byte(": keep-alive\n\n")
