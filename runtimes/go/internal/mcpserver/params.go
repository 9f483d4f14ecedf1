package mcpserver

import (
	"encoding/json"
	"slices"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

// shape checks the JSON token at a path. The token is nil if it is missing. shape returns the path of the first invalid
// token, or "" if all are valid.
type shape func(path string, token json.RawMessage) (invalid string)

type member struct {
	name  string
	shape shape
}

var (
	isString = valid(jsonrpc.IsString)
	withName = object(member{"name", isString})
	withURI  = object(member{"uri", isString})
	// onePage is the shape of list params. Every list fits on one page, so any cursor is invalid (MCP-3).
	onePage = optional(object(member{"cursor", valid(isMissing)}))
	level   = oneOf("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")
)

// methodParams maps methods to the shapes of their params. The SDK alone would accept params that MCP does not allow.
// For example, it decodes missing members as zero values.
var methodParams = map[string]shape{
	"initialize": object(
		member{"protocolVersion", isString},
		member{"capabilities", object()},
		member{"clientInfo", object(member{"name", isString}, member{"version", isString})},
	),
	"ping":                     optional(object()),
	"tools/list":               onePage,
	"resources/list":           onePage,
	"resources/templates/list": onePage,
	"prompts/list":             onePage,
	"tools/call":               object(member{"name", isString}, member{"arguments", optional(object())}),
	"resources/read":           withURI,
	"resources/subscribe":      withURI,
	"resources/unsubscribe":    withURI,
	"prompts/get":              object(member{"name", isString}, member{"arguments", optional(stringValues)}),
	"logging/setLevel":         object(member{"level", level}),
	"completion/complete": object(
		member{"ref", reference},
		member{"argument", object(member{"name", isString}, member{"value", isString})},
	),
}

// check refuses unsupported methods (MCP-2) and invalid params (JSONRPC-9).
func (s *Server) check(request *jsonrpc.Message) *failure.RPC {
	if !s.methods[request.Method] {
		return methodNotFound()
	}
	if invalid := methodParams[request.Method]("params", request.Params); invalid != "" {
		return failure.InvalidParams("The params of " + request.Method + " are invalid: " + invalid)
	}
	return nil
}

func valid(isValid func(token json.RawMessage) bool) shape {
	return func(path string, token json.RawMessage) string {
		if isValid(token) {
			return ""
		}
		return path
	}
}

func optional(inner shape) shape {
	return func(path string, token json.RawMessage) string {
		if isMissing(token) {
			return ""
		}
		return inner(path, token)
	}
}

func isMissing(token json.RawMessage) bool { return token == nil }

func oneOf(values ...string) shape {
	return valid(func(token json.RawMessage) bool {
		var value string
		return jsonrpc.IsString(token) && json.Unmarshal(token, &value) == nil && slices.Contains(values, value)
	})
}

// object returns the shape of an object with these members and MCP's metadata. Other members are allowed.
func object(members ...member) shape {
	return func(path string, token json.RawMessage) string {
		values, ok := jsonrpc.Members(token)
		if !ok {
			return path
		}
		for _, member := range members {
			if invalid := member.shape(path+"."+member.name, values[member.name]); invalid != "" {
				return invalid
			}
		}
		return optional(metadata)(path+"._meta", values["_meta"])
	}
}

func metadata(path string, token json.RawMessage) string {
	values, ok := jsonrpc.Members(token)
	if !ok {
		return path
	}
	isToken := func(token json.RawMessage) bool { return jsonrpc.IsString(token) || jsonrpc.IsInteger(token) }
	return optional(valid(isToken))(path+".progressToken", values["progressToken"])
}

func stringValues(path string, token json.RawMessage) string {
	values, ok := jsonrpc.Members(token)
	if !ok {
		return path
	}
	for name, value := range values {
		if !jsonrpc.IsString(value) {
			return path + "." + name
		}
	}
	return ""
}

// reference checks the ref of completion/complete, which names a prompt or a resource template.
func reference(path string, token json.RawMessage) string {
	if invalid := object(member{"type", oneOf("ref/prompt", "ref/resource")})(path, token); invalid != "" {
		return invalid
	}
	if string(canonical(jsonrpc.Member(token, "type"))) == `"ref/prompt"` {
		return withName(path, token)
	}
	return withURI(path, token)
}
