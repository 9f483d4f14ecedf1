package catalog

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

const (
	stepPause        = 50 * time.Millisecond
	reconnectionWork = 100 * time.Millisecond
	reconnectionWait = 500 * time.Millisecond
)

const (
	askForm = `{"type":"object",
  "properties":{"response":{"type":"string","description":"User's response"}},
  "required":["response"]}`

	defaultsForm = `{"type":"object","properties":{
  "name":{"type":"string","description":"User name","default":"John Doe"},
  "age":{"type":"integer","description":"User age","default":30},
  "score":{"type":"number","description":"User score","default":95.5},
  "status":{"type":"string","description":"User status","enum":["active","inactive","pending"],"default":"active"},
  "verified":{"type":"boolean","description":"Verification status","default":true}},
  "required":[]}`

	enumsForm = `{"type":"object","properties":{
  "untitledSingle":{"type":"string","description":"Select one option","enum":["option1","option2","option3"]},
  "titledSingle":{"type":"string","description":"Select one option with titles","oneOf":[
    {"const":"value1","title":"First Option"},
    {"const":"value2","title":"Second Option"},
    {"const":"value3","title":"Third Option"}]},
  "legacyEnum":{"type":"string","description":"Select one option (legacy)",
    "enum":["opt1","opt2","opt3"],"enumNames":["Option One","Option Two","Option Three"]},
  "untitledMulti":{"type":"array","description":"Select multiple options","minItems":1,"maxItems":3,
    "items":{"type":"string","enum":["option1","option2","option3"]}},
  "titledMulti":{"type":"array","description":"Select multiple options with titles","minItems":1,"maxItems":3,
    "items":{"anyOf":[
      {"const":"value1","title":"First Choice"},
      {"const":"value2","title":"Second Choice"},
      {"const":"value3","title":"Third Choice"}]}}},
  "required":[]}`
)

// interactionTools are the tools of the official scenarios that interact with the caller while they run.
func interactionTools() []Tool {
	return []Tool{
		{
			Tool: mcp.Tool{
				Name: "test_tool_with_logging", Description: "Sends three log messages, 50 ms apart",
				InputSchema: noArguments,
			},
			Call: logInSteps,
		},
		{
			Tool: mcp.Tool{
				Name: "test_tool_with_progress", Description: "Reports progress 0, 50 and 100 of 100, 50 ms apart",
				InputSchema: noArguments,
			},
			Call: progressInSteps,
		},
		{
			Tool: mcp.Tool{
				Name: "test_sampling", Description: "Asks the caller's model",
				InputSchema: textArgument("prompt", "The prompt for the model"),
			},
			Call: sample,
		},
		{
			Tool: mcp.Tool{
				Name: "test_elicitation", Description: "Asks the caller's user for one text",
				InputSchema: textArgument("message", "What the user reads"),
			},
			Call: func(ctx context.Context, call Call, arguments json.RawMessage) (*mcp.CallToolResult, error) {
				var args struct{ Message string }
				if err := json.Unmarshal(arguments, &args); err != nil {
					return nil, err
				}
				return elicit(ctx, call, "User response: ", args.Message, askForm)
			},
		},
		formTool("test_elicitation_sep1034_defaults", "Asks for a form whose fields have default values (SEP-1034)",
			"Please review and update the form fields with defaults", defaultsForm),
		formTool("test_elicitation_sep1330_enums", "Asks for a form with each kind of enumeration (SEP-1330)",
			"Please select options from the enum fields", enumsForm),
		{
			Tool: mcp.Tool{
				Name:        "test_reconnection",
				Description: "Closes its stream while it runs; the result is there for who resumes (SEP-1699)",
				InputSchema: noArguments,
			},
			Call: func(ctx context.Context, call Call, _ json.RawMessage) (*mcp.CallToolResult, error) {
				call.Suspend(reconnectionWait)
				if err := pause(ctx, reconnectionWork); err != nil {
					return nil, err
				}
				return TextResult("Reconnection test completed successfully."), nil
			},
		},
	}
}

func textArgument(name, description string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(
		`{"type":"object","properties":{%q:{"type":"string","description":%q}},"required":[%[1]q],"additionalProperties":false}`,
		name, description))
}

func formTool(name, description, message, form string) Tool {
	return Tool{
		Tool: mcp.Tool{Name: name, Description: description, InputSchema: noArguments},
		Call: func(ctx context.Context, call Call, _ json.RawMessage) (*mcp.CallToolResult, error) {
			return elicit(ctx, call, "Elicitation completed: ", message, form)
		},
	}
}

func elicit(ctx context.Context, call Call, introduction, message, form string) (*mcp.CallToolResult, error) {
	answer, err := call.Elicit(ctx, &mcp.ElicitParams{
		Mode: "form", Message: message, RequestedSchema: json.RawMessage(form),
	})
	if err != nil {
		return nil, err
	}
	content := bytes.NewBufferString("{}")
	if answer.Content != nil && string(answer.Content) != "null" {
		content.Reset()
		if err := json.Compact(content, answer.Content); err != nil {
			return nil, err
		}
	}
	return TextResult(introduction + "action=" + answer.Action + ", content=" + content.String()), nil
}

func sample(ctx context.Context, call Call, arguments json.RawMessage) (*mcp.CallToolResult, error) {
	var args struct{ Prompt string }
	if err := json.Unmarshal(arguments, &args); err != nil {
		return nil, err
	}
	answer, err := call.Sample(ctx, &mcp.CreateMessageParams{
		Messages:  []*mcp.SamplingMessage{{Role: "user", Content: &mcp.TextContent{Text: args.Prompt}}},
		MaxTokens: 100,
	})
	if err != nil {
		return nil, err
	}
	text := "No response"
	if content, ok := answer.Content.(*mcp.TextContent); ok {
		text = content.Text
	}
	return TextResult("LLM response: " + text), nil
}

func logInSteps(ctx context.Context, call Call, _ json.RawMessage) (*mcp.CallToolResult, error) {
	for step, text := range []string{"Tool execution started", "Tool processing data", "Tool execution completed"} {
		if step > 0 {
			if err := pause(ctx, stepPause); err != nil {
				return nil, err
			}
		}
		if err := call.Log(ctx, OnRequest, &mcp.LoggingMessageParams{Level: "info", Data: text}); err != nil {
			return nil, err
		}
	}
	return TextResult("Tool with logging executed successfully"), nil
}

func progressInSteps(ctx context.Context, call Call, _ json.RawMessage) (*mcp.CallToolResult, error) {
	for _, done := range []int{0, 50, 100} {
		if done > 0 {
			if err := pause(ctx, stepPause); err != nil {
				return nil, err
			}
		}
		message := fmt.Sprintf("Completed step %d of 100", done)
		if err := call.Progress(ctx, float64(done), 100, message); err != nil {
			return nil, err
		}
	}
	if token, ok := call.ProgressToken(); ok {
		return TextResult(token), nil
	}
	return TextResult("No progress token"), nil
}

func pause(ctx context.Context, duration time.Duration) error {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
