package httpserver

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
)

// responseWriter sends the answer to a call as an HTTP response. Its writes block while the client does not read.
type responseWriter struct {
	http.ResponseWriter
	hasBegun bool
}

// Complete sends a response with content-length. The refusal of a stream is complete, too (HTTP-6).
func (w *responseWriter) Complete(_ *httpcall.Call, answer *httpcall.Answer) error {
	if answer.Status != http.StatusNoContent {
		w.Header().Set("content-length", strconv.Itoa(len(answer.Body)))
	}
	w.head(answer.Status, answer.Headers)
	_, err := w.Write(answer.Body)
	return err
}

// Begin sends the head of a stream at once.
func (w *responseWriter) Begin(status int, headers map[string]string) error {
	w.head(status, headers)
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Data sends text at once.
func (w *responseWriter) Data(text []byte) error {
	if _, err := w.Write(text); err != nil {
		return err
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// End does nothing: net/http sends the last chunk when the handler returns.
func (w *responseWriter) End() error { return nil }

func (w *responseWriter) head(status int, headers map[string]string) {
	w.hasBegun = true
	for name, value := range headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(status)
}

// fail sends the status of the error's category (ERROR-4) for a call that could not be carried out. It ends the
// connection if the response has begun (HTTP-6), or if the client is gone.
func (w *responseWriter) fail(err error) {
	call, ok := errors.AsType[*failure.Call](err)
	if !ok || w.hasBegun {
		panic(http.ErrAbortHandler)
	}
	// If the client is gone, net/http notices it, too.
	_ = w.Complete(nil, httpcall.Refused(failure.Refuse(call.Category, "call_refused", call.Message)))
}
