// Package jsonrpc parses JSON-RPC 2.0 messages. It keeps ids and progress tokens verbatim, for use in responses.
package jsonrpc

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
)

// Kind is the kind of a message.
type Kind int

// The kinds of messages.
const (
	Request Kind = iota
	Notification
	Response
)

// Message is a JSON-RPC message from a caller.
type Message struct {
	Kind Kind
	// ID is the verbatim JSON token of the id (JSONRPC-2), or "" for a notification.
	ID     string
	Method string
	// Params is the verbatim JSON of the params of a request or notification, or nil.
	Params json.RawMessage
	// Result and Err are the members of a response. One of them is nil.
	Result json.RawMessage
	Err    json.RawMessage
}

// maxNesting limits the nesting of a message, which limits the recursion of decoders.
const maxNesting = 500

// Parse parses the body of a POST as one message. It fails with a 400 and the JSON-RPC code -32700 if the body is not
// JSON (JSONRPC-4, -5), or -32600 if it is a batch (JSONRPC-6) or not a JSON-RPC message (JSONRPC-7).
func Parse(body []byte) (*Message, error) {
	isDeep, isWide := exceeds(body, maxNesting, maxMembers)
	switch {
	case len(body) == 0:
		return nil, parseError("The body is empty: send one JSON-RPC message")
	case isWide:
		return nil, invalidRequest("An object of the message has too many members", "")
	case !utf8.Valid(body):
		return nil, parseError("The body is not UTF-8")
	}
	if !json.Valid(body) { // This also refuses JSON that is nested too deeply for encoding/json.
		return nil, parseError("The body is not JSON")
	}
	trimmed := bytes.Trim(body, " \t\r\n")
	members, ok := Members(trimmed)
	if !ok {
		if trimmed[0] == '[' {
			return nil, invalidRequest("Batches are not supported: send one message per request", "")
		}
		return nil, invalidRequest("The body is not a JSON object", "")
	}
	message, err := read(members)
	if err == nil && isDeep {
		return nil, invalidRequest("The message is nested too deeply", message.ID)
	}
	return message, err
}

func read(members map[string]json.RawMessage) (*Message, error) {
	token, hasID := members["id"]
	id := ""
	if hasID && (IsString(token) || IsNumber(token)) {
		id = string(token)
	}
	if version, ok := Text(members["jsonrpc"]); !ok || version != "2.0" {
		return nil, invalidRequest(`The member jsonrpc is not "2.0"`, id)
	}
	if hasID && id == "" {
		return nil, invalidRequest("The member id is neither a string nor a number", "")
	}
	result, hasResult := members["result"]
	failed, hasError := members["error"]
	method, hasMethod := members["method"]
	if !hasResult && !hasError {
		return readCall(method, members["params"], id)
	}
	switch {
	case hasMethod:
		return nil, invalidRequest("A message cannot be both a request and a response", id)
	case id == "":
		return nil, invalidRequest("A response needs an id", "")
	case hasResult && hasError:
		return nil, invalidRequest("A response cannot have both result and error", id)
	}
	return &Message{Kind: Response, ID: id, Result: result, Err: failed}, nil
}

func readCall(method, params json.RawMessage, id string) (*Message, error) {
	name, ok := Text(method)
	if !ok {
		return nil, invalidRequest("The member method is not a string", id)
	}
	if params != nil && params[0] != '{' && params[0] != '[' {
		return nil, invalidRequest("The member params is neither an object nor an array", id)
	}
	message := &Message{Kind: Request, ID: id, Method: name, Params: params}
	if id == "" {
		message.Kind = Notification
	}
	return message, nil
}

func parseError(message string) error {
	return failure.Refuse(failure.InvalidArgument, "parse_error", message).WithCode(failure.CodeParseError)
}

func invalidRequest(message, id string) error {
	return failure.Refuse(failure.InvalidArgument, "invalid_request", message).
		WithCode(failure.CodeInvalidRequest).WithID(id)
}
