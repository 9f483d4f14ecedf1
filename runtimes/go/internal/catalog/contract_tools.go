package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

var keyArgument = json.RawMessage(`{"type":"object",
  "properties":{"key":{"type":"string","minLength":1,"maxLength":10000}},
  "required":["key"],"additionalProperties":false}`)

// mirrored has arguments that header fields repeat, one of each type and one in a nested object.
var mirrored = json.RawMessage(`{"type":"object","properties":{
  "text":{"type":"string","x-mcp-header":"Text"},
  "count":{"type":"integer","x-mcp-header":"Count"},
  "flag":{"type":"boolean","x-mcp-header":"Flag"},
  "place":{"type":"object","properties":{"zone":{"type":"string","x-mcp-header":"Zone"}},"additionalProperties":false}},
  "additionalProperties":false}`)

// contractTools returns the additional tools that the cases of the contract need.
func contractTools(board *waitBoard) []Tool {
	untilReleased := func(ctx context.Context, call Call, key string) error {
		if outcome := board.wait(ctx, call.Scope().Owner, key); outcome != released {
			return Failure(outcome)
		}
		return nil
	}
	report := textTool("conformance_report", "Waits like conformance_wait, then sends log messages and progress", keyArgument,
		func(ctx context.Context, call Call, args arguments) (string, error) {
			if err := untilReleased(ctx, call, args.Key); err != nil {
				return "", err
			}
			if err := logEachLevel(ctx, call, OnRequest); err != nil {
				return "", err
			}
			for step := range 2 {
				if err := call.Progress(ctx, float64(step+1), 2, fmt.Sprintf("Step %d of 2", step+1)); err != nil {
					return "", err
				}
			}
			return "reported", nil
		})
	report.Era = Sessionless
	return []Tool{
		report,
		textTool("conformance_whoami", "Returns the call's claims and scope as JSON", noArguments,
			func(_ context.Context, call Call, _ arguments) (string, error) { return whoAmI(call.Scope()) }),
		textTool("conformance_echo", "Returns the given text",
			json.RawMessage(`{"type":"object","properties":{"text":{"type":"string"}},"required":["text"],"additionalProperties":false}`),
			func(_ context.Context, _ Call, args arguments) (string, error) { return args.Text, nil }),
		newTool("conformance_mirror", "Accepts arguments that header fields of MCP 2026-07-28 repeat", mirrored,
			func(context.Context, Call, json.RawMessage) (*mcp.CallToolResult, error) {
				return TextResult("mirrored"), nil
			}),
		textTool("conformance_repeat", "Returns a text of the given number of bytes",
			json.RawMessage(`{"type":"object","properties":{"size":{"type":"integer","minimum":0,"maximum":67108864}},`+
				`"required":["size"],"additionalProperties":false}`),
			func(_ context.Context, _ Call, args arguments) (string, error) {
				return strings.Repeat("x", int(args.Size)), nil
			}),
		textTool("conformance_wait", "Blocks until conformance_release is called with the same key, or the request is cancelled", keyArgument,
			func(ctx context.Context, call Call, args arguments) (string, error) {
				return string(released), untilReleased(ctx, call, args.Key)
			}),
		textTool("conformance_release", "Releases the caller's conformance_wait calls with this key", keyArgument,
			func(_ context.Context, call Call, args arguments) (string, error) {
				return fmt.Sprintf("released %d", board.release(call.Scope().Owner, args.Key)), nil
			}),
		textTool("conformance_state", "Returns the state of the caller's conformance_wait calls with this key", keyArgument,
			func(_ context.Context, call Call, args arguments) (string, error) {
				return board.state(call.Scope().Owner, args.Key), nil
			}),
		textTool("conformance_events", "Sends numbered log messages, on its own stream or on the live stream",
			json.RawMessage(`{"type":"object","properties":{`+
				`"count":{"type":"integer","minimum":0,"maximum":100000},`+
				`"size":{"type":"integer","minimum":0,"maximum":1048576},`+
				`"on":{"type":"string","enum":["request","live"]}},`+
				`"required":["count"],"additionalProperties":false}`),
			emitEvents),
		textTool("conformance_levels", "Sends a log message of each level, on its own stream or on the live stream",
			json.RawMessage(`{"type":"object","properties":{"on":{"type":"string","enum":["request","live"]}},"additionalProperties":false}`),
			func(ctx context.Context, call Call, args arguments) (string, error) {
				return "logged", logEachLevel(ctx, call, args.target())
			}),
		textTool("conformance_touch", "Notifies the subscribers of a resource about a change",
			json.RawMessage(`{"type":"object","properties":{"uri":{"type":"string"}},"required":["uri"],"additionalProperties":false}`),
			func(_ context.Context, call Call, args arguments) (string, error) {
				return "touched", call.ResourceUpdated(args.URI)
			}),
	}
}

// whoAmI returns the claims and the scope of the call as JSON.
func whoAmI(scope Scope) (string, error) {
	about := struct {
		identity.Claims
		ServerID *string `json:"server_id"`
	}{Claims: scope.Caller.Claims}
	if scope.ServerID != "" {
		about.ServerID = &scope.ServerID
	}
	text, err := jsonrpc.Encode(about)
	return string(text), err
}

// target returns the stream that the argument `on` names.
func (args arguments) target() Destination {
	if args.On == "live" {
		return OnLive
	}
	return OnRequest
}

func emitEvents(ctx context.Context, call Call, args arguments) (string, error) {
	type numbered struct {
		N   int    `json:"n"`
		Pad string `json:"pad,omitempty"`
	}
	padding := strings.Repeat("x", int(args.Size))
	for n := range int(args.Count) {
		message := &mcp.LoggingMessageParams{Level: "info", Logger: "conformance", Data: numbered{n, padding}}
		if err := call.Log(ctx, args.target(), message); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("emitted %d", int(args.Count)), nil
}
