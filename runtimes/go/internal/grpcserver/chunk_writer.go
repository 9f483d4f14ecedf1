package grpcserver

import (
	"slices"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

// chunkWriter sends the answer to an InvokeStream in chunks. send blocks on HTTP/2 flow control.
type chunkWriter struct {
	send       func(*runtimev1.McpChunk) error
	chunkBytes int
}

// Complete sends an answer without a body in one chunk. The refusal of a POST keeps its body (POST-6), and any other
// refusal is one chunk with error_status (STREAM-2).
func (w *chunkWriter) Complete(call *httpcall.Call, answer *httpcall.Answer) error {
	code := int32(answer.Status)
	switch {
	case len(answer.Body) == 0:
		return w.send(&runtimev1.McpChunk{Status: code, Headers: answer.Headers, Done: true})
	case call.Method != "POST":
		return w.send(&runtimev1.McpChunk{Status: code, ErrorStatus: code, Done: true})
	}
	if err := w.Begin(answer.Status, answer.Headers); err != nil {
		return err
	}
	if err := w.Data(answer.Body); err != nil {
		return err
	}
	return w.End()
}

// Begin sends the head (HEAD-1).
func (w *chunkWriter) Begin(status int, headers map[string]string) error {
	return w.send(&runtimev1.McpChunk{Status: int32(status), Headers: headers})
}

// Data sends text in chunks of limited size.
func (w *chunkWriter) Data(text []byte) error {
	for data := range slices.Chunk(text, w.chunkBytes) {
		if err := w.send(&runtimev1.McpChunk{Data: data}); err != nil {
			return err
		}
	}
	return nil
}

// End sends done (STREAM-3), without data (STREAM-4).
func (w *chunkWriter) End() error { return w.send(&runtimev1.McpChunk{Done: true}) }
