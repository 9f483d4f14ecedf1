// Package params checks the params of MCP requests. The SDK alone would accept params that MCP does not allow. For
// example, it decodes missing members as zero values.
package params

import (
	"encoding/json"
	"slices"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

// Levels are the levels of log messages, least severe first.
var Levels = []string{"debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"}

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
	level   = oneOf(Levels...)
)

// methodParams maps methods to the shapes of their params.
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

// Check returns the path of the first invalid token in the params of a known method, or "" if all are valid.
func Check(method string, params json.RawMessage) (invalid string) {
	return methodParams[method]("params", params)
}

// sessionless maps methods of MCP 2026-07-28 to the shapes of their params.
var sessionless = map[string]shape{
	"server/discover": object(),
	"subscriptions/listen": object(member{"notifications", object(
		member{"toolsListChanged", optional(boolean)},
		member{"promptsListChanged", optional(boolean)},
		member{"resourcesListChanged", optional(boolean)},
		member{"resourceSubscriptions", optional(stringList)},
	)}),
	"tools/call":     withRound("tools/call"),
	"prompts/get":    withRound("prompts/get"),
	"resources/read": withRound("resources/read"),
}

// withRound returns the shape of the params of a method whose results may ask for input.
func withRound(method string) shape {
	round := object(member{"inputResponses", optional(objects)}, member{"requestState", optional(isString)})
	return func(path string, token json.RawMessage) string {
		if invalid := methodParams[method](path, token); invalid != "" {
			return invalid
		}
		return round(path, token)
	}
}

// CheckSessionless is Check for the methods of MCP 2026-07-28.
func CheckSessionless(method string, params json.RawMessage) (invalid string) {
	if check, ok := sessionless[method]; ok {
		return check("params", params)
	}
	return Check(method, params)
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
		value, ok := jsonrpc.Text(token)
		return ok && slices.Contains(values, value)
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

// objects checks an object whose members are objects.
func objects(path string, token json.RawMessage) string {
	values, ok := jsonrpc.Members(token)
	if !ok {
		return path
	}
	for name, value := range values {
		if value[0] != '{' {
			return path + "." + name
		}
	}
	return ""
}

func stringList(path string, token json.RawMessage) string {
	var values []json.RawMessage
	if json.Unmarshal(token, &values) != nil || string(token) == "null" || slices.ContainsFunc(values, isNoString) {
		return path
	}
	return ""
}

func isNoString(token json.RawMessage) bool { return !jsonrpc.IsString(token) }

var boolean = valid(func(token json.RawMessage) bool { return string(token) == "true" || string(token) == "false" })

// reference checks the ref of completion/complete, which names a prompt or a resource template.
func reference(path string, token json.RawMessage) string {
	if invalid := object(member{"type", oneOf("ref/prompt", "ref/resource")})(path, token); invalid != "" {
		return invalid
	}
	if kind, _ := jsonrpc.Text(jsonrpc.Member(token, "type")); kind == "ref/prompt" {
		return withName(path, token)
	}
	return withURI(path, token)
}
