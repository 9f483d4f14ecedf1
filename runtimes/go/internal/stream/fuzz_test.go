package stream

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// FuzzEvents checks that a reader of server-sent events gets exactly the messages of a stream.
func FuzzEvents(f *testing.F) {
	f.Add([]byte(`{"jsonrpc":"2.0","method":"a"}`), []byte(`{"a":"\n\r\u2028"}`))
	f.Add([]byte(`"data: x"`), []byte(`":"`))
	f.Fuzz(func(t *testing.T, one, other []byte) {
		var messages [][]byte
		for _, text := range [][]byte{one, other} {
			// Messages are JSON without line breaks.
			var message bytes.Buffer
			if json.Compact(&message, text) == nil {
				messages = append(messages, message.Bytes())
			}
		}
		text := string(Encode(messages...))
		events := strings.Split(strings.TrimSuffix(text, "\n\n"), "\n\n")
		if len(messages) == 0 {
			events = nil
		}
		if len(events) != len(messages) || strings.Contains(text, "\r") {
			t.Fatalf("%d events for %d messages: %q", len(events), len(messages), text)
		}
		for index, event := range events {
			if data, ok := strings.CutPrefix(event, "data: "); !ok || data != string(messages[index]) {
				t.Errorf("the event %q has the message %q", event, messages[index])
			}
		}
	})
}
