package httpcall

import "github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"

// Answer is an HTTP response. The names of its headers are in lower case (HEADER-2).
type Answer struct {
	Status  int
	Headers map[string]string
	Body    []byte
}

// Empty returns an answer without a body.
func Empty(status int) *Answer { return &Answer{Status: status} }

// JSON returns an answer with a JSON body.
func JSON(status int, body []byte) *Answer {
	return &Answer{Status: status, Headers: map[string]string{"content-type": "application/json"}, Body: body}
}

// Events returns an answer whose body is a complete stream of server-sent events (JSONRPC-10).
func Events(body []byte) *Answer {
	return &Answer{Status: 200, Headers: map[string]string{"content-type": "text/event-stream"}, Body: body}
}

// Refused returns the answer for a refusal (ERROR-2).
func Refused(refusal *failure.Refusal) *Answer { return JSON(refusal.HTTPStatus(), refusal.Body()) }
