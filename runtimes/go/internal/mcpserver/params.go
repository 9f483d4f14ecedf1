package mcpserver

import (
	"encoding/json"
	"slices"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

// shape reports whether a JSON token has the required form. If not, place names the invalid member, "" for the token
// itself.
type shape func(token json.RawMessage) (place string, ok bool)

type member struct {
	name     string
	shape    shape
	optional bool
}

// methodParams are the shapes of params. The SDK alone would accept more than MCP allows: missing members, for example,
// are zero values to it.
var methodParams = map[string]shape{
	"initialize": object(
		required("protocolVersion", isString),
		required("capabilities", object()),
		required("clientInfo", object(required("name", isString), required("version", isString))),
	),
	"ping":                     optionalObject(),
	"tools/list":               onePage(),
	"resources/list":           onePage(),
	"resources/templates/list": onePage(),
	"prompts/list":             onePage(),
	"tools/call":               object(required("name", isString), optional("arguments", object())),
	"resources/read":           object(required("uri", isString)),
	"resources/subscribe":      object(required("uri", isString)),
	"resources/unsubscribe":    object(required("uri", isString)),
	"prompts/get":              object(required("name", isString), optional("arguments", texts)),
	"logging/setLevel":         object(required("level", oneOf(levels...))),
	"completion/complete": object(
		required("ref", reference),
		required("argument", object(required("name", isString), required("value", isString))),
	),
}

var levels = []string{"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"}

// check refuses methods that are not served (MCP-2) and invalid params (JSONRPC-9).
func (s *Server) check(request *jsonrpc.Message) *failure.RPC {
	if !s.methods[request.Method] {
		return methodNotFound()
	}
	place, fits := methodParams[request.Method](request.Params)
	if fits {
		return nil
	}
	if place != "" {
		place = "." + place
	}
	return failure.InvalidParams("The params of " + request.Method + " do not fit: params" + place)
}

func required(name string, shape shape) member { return member{name: name, shape: shape} }

func optional(name string, shape shape) member {
	return member{name: name, shape: shape, optional: true}
}

// object is an object with these members and MCP's metadata. It ignores other members.
func object(members ...member) shape {
	members = append(members, optional("_meta", metadata))
	return func(token json.RawMessage) (string, bool) { return fitMembers(token, members) }
}

// optionalObject is an object or nothing.
func optionalObject(members ...member) shape {
	shape := object(members...)
	return func(token json.RawMessage) (string, bool) {
		if token == nil {
			return "", true
		}
		return shape(token)
	}
}

// onePage is the params of a list. Every list fits on one page, so that no cursor is valid (MCP-3).
func onePage() shape {
	never := func(json.RawMessage) (string, bool) { return "", false }
	return optionalObject(optional("cursor", never))
}

func metadata(token json.RawMessage) (string, bool) {
	return fitMembers(token, []member{optional("progressToken", isProgressToken)})
}

func fitMembers(token json.RawMessage, members []member) (string, bool) {
	var values map[string]json.RawMessage
	if len(token) == 0 || token[0] != '{' || json.Unmarshal(token, &values) != nil {
		return "", false
	}
	for _, member := range members {
		value, present := values[member.name]
		if !present {
			if member.optional {
				continue
			}
			return member.name, false
		}
		if place, fits := member.shape(value); !fits {
			if place != "" {
				place = "." + place
			}
			return member.name + place, false
		}
	}
	return "", true
}

func isString(token json.RawMessage) (string, bool) { return "", jsonrpc.IsString(token) }

func isProgressToken(token json.RawMessage) (string, bool) {
	return "", jsonrpc.IsString(token) || jsonrpc.IsInteger(token)
}

func texts(token json.RawMessage) (string, bool) {
	var values map[string]json.RawMessage
	if len(token) == 0 || token[0] != '{' || json.Unmarshal(token, &values) != nil {
		return "", false
	}
	for name, value := range values {
		if !jsonrpc.IsString(value) {
			return name, false
		}
	}
	return "", true
}

func oneOf(values ...string) shape {
	return func(token json.RawMessage) (string, bool) {
		var value string
		return "", jsonrpc.IsString(token) && json.Unmarshal(token, &value) == nil && slices.Contains(values, value)
	}
}

// reference is a reference of completion/complete: to a prompt or a resource template.
func reference(token json.RawMessage) (string, bool) {
	if place, fits := object(required("type", oneOf("ref/prompt", "ref/resource")))(token); !fits {
		return place, false
	}
	if _, isPrompt := oneOf("ref/prompt")(jsonrpc.Member(token, "type")); isPrompt {
		return object(required("name", isString))(token)
	}
	return object(required("uri", isString))(token)
}
