package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// Runner returns the function of a tool. It validates the arguments, and turns a failure into a result with isError
// (MCP-4). failed receives a failure that the caller must not see. The function fails only with a *MissingCapability.
// Runner fails if the input schema is invalid.
func (t Tool) Runner(failed func(ctx context.Context, tool string, err error)) (
	func(ctx context.Context, call Call, arguments json.RawMessage) (*mcp.CallToolResult, error), error,
) {
	resolved, err := t.schema()
	if err != nil {
		return nil, fmt.Errorf("input schema of %s: %w", t.Name, err)
	}
	return func(ctx context.Context, call Call, arguments json.RawMessage) (*mcp.CallToolResult, error) {
		if arguments == nil {
			arguments = json.RawMessage("{}")
		}
		var values any
		if json.Unmarshal(arguments, &values) != nil || resolved.Validate(values) != nil {
			return failedResult("Invalid arguments for " + t.Name + ": they do not match the input schema"), nil
		}
		result, err := t.Call(ctx, call, arguments)
		if err == nil {
			return result, nil
		}
		if missing, ok := errors.AsType[*MissingCapability](err); ok {
			return nil, missing
		}
		if known, ok := errors.AsType[Failure](err); ok {
			return failedResult(string(known)), nil
		}
		failed(ctx, t.Name, err)
		return failedResult("The tool failed"), nil
	}, nil
}

// Handler returns the handler of a tool for the SDK. open returns the call of a request. See Runner for failed.
func (t Tool) Handler(
	open func(*mcp.CallToolRequest) Call, failed func(ctx context.Context, tool string, err error),
) (mcp.ToolHandler, error) {
	run, err := t.Runner(failed)
	return func(ctx context.Context, request *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		return run(ctx, open(request), request.Params.Arguments)
	}, err
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

// Get returns the messages of a prompt, or its question. round is nil in a session. invalid makes the error for invalid
// params from a message.
func (p Prompt) Get(
	arguments map[string]string, round Round, invalid func(message string) error,
) (*mcp.GetPromptResult, error) {
	for _, argument := range p.Arguments {
		if _, given := arguments[argument.Name]; argument.Required && !given {
			return nil, invalid("arguments." + argument.Name + ": is missing")
		}
	}
	if p.Ask != nil && round != nil {
		question, err := p.Ask(round)
		if declined, ok := errors.AsType[Failure](err); ok {
			messages := userMessages(&mcp.TextContent{Text: string(declined)})
			return &mcp.GetPromptResult{Description: p.Description, Messages: messages}, nil
		}
		if err != nil || question != nil {
			return question.promptResult(), err
		}
	}
	return &mcp.GetPromptResult{Description: p.Description, Messages: p.Render(arguments)}, nil
}

// Handler returns the handler of a prompt for the SDK. See Get for invalid.
func (p Prompt) Handler(invalid func(message string) error) mcp.PromptHandler {
	return func(_ context.Context, request *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		return p.Get(request.Params.Arguments, nil, invalid)
	}
}
