package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Handler returns the handler of a tool for the SDK. It validates the arguments, and turns a failure into a result with
// isError (MCP-4). open returns the call of a request. failed receives a failure that the caller must not see. Handler
// fails if the input schema is invalid.
func (t Tool) Handler(
	open func(*mcp.CallToolRequest) Call, failed func(ctx context.Context, tool string, err error),
) (mcp.ToolHandler, error) {
	resolved, err := t.schema()
	if err != nil {
		return nil, fmt.Errorf("input schema of %s: %w", t.Name, err)
	}
	return func(ctx context.Context, request *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		arguments := request.Params.Arguments
		if arguments == nil {
			arguments = json.RawMessage("{}")
		}
		var values any
		if json.Unmarshal(arguments, &values) != nil || resolved.Validate(values) != nil {
			return failedResult("Invalid arguments for " + t.Name + ": they do not match the input schema"), nil
		}
		result, err := t.Call(ctx, open(request), arguments)
		if err == nil {
			return result, nil
		}
		if known, ok := errors.AsType[Failure](err); ok {
			return failedResult(string(known)), nil
		}
		failed(ctx, t.Name, err)
		return failedResult("The tool failed"), nil
	}, nil
}

func (t Tool) schema() (*jsonschema.Resolved, error) {
	text, err := json.Marshal(t.InputSchema)
	if err != nil {
		return nil, err
	}
	var schema jsonschema.Schema
	if err := json.Unmarshal(text, &schema); err != nil {
		return nil, err
	}
	return schema.Resolve(nil)
}

func failedResult(text string) *mcp.CallToolResult {
	result := TextResult(text)
	result.IsError = true
	return result
}

// Handler returns the handler of a prompt for the SDK. invalid makes the error for invalid params from a message.
func (p Prompt) Handler(invalid func(message string) error) mcp.PromptHandler {
	return func(_ context.Context, request *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		for _, argument := range p.Arguments {
			if _, given := request.Params.Arguments[argument.Name]; argument.Required && !given {
				return nil, invalid("arguments." + argument.Name + ": is missing")
			}
		}
		messages := p.Render(request.Params.Arguments)
		return &mcp.GetPromptResult{Description: p.Description, Messages: messages}, nil
	}
}
