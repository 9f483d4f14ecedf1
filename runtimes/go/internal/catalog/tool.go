package catalog

import (
	"context"
	"encoding/json"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// TextResult returns a tool result with one text block.
func TextResult(text string) *mcp.CallToolResult {
	return &mcp.CallToolResult{Content: []mcp.Content{&mcp.TextContent{Text: text}}}
}

// noArguments is the input schema of tools without arguments.
var noArguments = json.RawMessage(`{"type":"object","properties":{},"additionalProperties":false}`)

func newTool(
	name, description string, schema json.RawMessage,
	call func(context.Context, Call, json.RawMessage) (*mcp.CallToolResult, error),
) Tool {
	return Tool{Tool: mcp.Tool{Name: name, Description: description, InputSchema: schema}, Call: call}
}

// arguments has a field for every argument of the catalog's tools. Integers are floats here, because JSON Schema
// accepts 5.0 and 5e0 as integers, but encoding/json does not decode them into an int.
type arguments struct {
	Text, Key, URI, On, Prompt, Message string
	Region                              *string
	Count, Size                         float64
}

// textTool returns a tool whose result is one text block.
func textTool(
	name, description string, schema json.RawMessage, work func(context.Context, Call, arguments) (string, error),
) Tool {
	call := func(ctx context.Context, call Call, raw json.RawMessage) (*mcp.CallToolResult, error) {
		var args arguments
		if err := json.Unmarshal(raw, &args); err != nil {
			return nil, err
		}
		text, err := work(ctx, call, args)
		return TextResult(text), err
	}
	return newTool(name, description, schema, call)
}

// fixedTool returns a tool whose result is always the same content.
func fixedTool(name, description string, content ...mcp.Content) Tool {
	return newTool(name, description, noArguments, func(context.Context, Call, json.RawMessage) (*mcp.CallToolResult, error) {
		return &mcp.CallToolResult{Content: content}, nil
	})
}
