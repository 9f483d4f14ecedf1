package httpcall

import "github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"

// Answer is an HTTP response. Names of header fields are in lower-case (HEADER-2).
type Answer struct {
	Status  int
	Headers map[string]string
	Body    []byte
}

// Empty is an answer without a body.
func Empty(status int) *Answer { return &Answer{Status: status} }

// JSON is an answer whose body is JSON.
func JSON(status int, body []byte) *Answer {
	return &Answer{Status: status, Headers: map[string]string{"content-type": "application/json"}, Body: body}
}

// Events is an answer whose body is a complete stream of server-sent events (JSONRPC-10).
func Events(body []byte) *Answer {
	return &Answer{Status: 200, Headers: map[string]string{"content-type": "text/event-stream"}, Body: body}
}

// Refused is the answer that a refusal is (ERROR-2).
func Refused(refusal *failure.Refusal) *Answer { return JSON(refusal.HTTPStatus(), refusal.Body()) }
