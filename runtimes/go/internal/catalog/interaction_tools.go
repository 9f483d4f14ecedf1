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

// interactionTools returns the tools of the official MCP conformance scenarios that interact with the caller.
func interactionTools() []Tool {
	progress := textTool("test_tool_with_progress", "Reports progress 0, 50 and 100 of 100, 50 ms apart", noArguments, progressInSteps)
	return append(sessionTools(), progress)
}

// sessionTools returns the tools that need a session. In MCP 2026-07-28, inputTools replace them.
func sessionTools() []Tool {
	tools := []Tool{
		textTool("test_tool_with_logging", "Sends three log messages, 50 ms apart", noArguments, logInSteps),
		textTool("test_sampling", "Asks the caller's model for a message", textArgument("prompt", "The prompt for the model"), sample),
		textTool("test_elicitation", "Asks the caller's user for a text", textArgument("message", "The message for the user"),
			func(ctx context.Context, call Call, args arguments) (string, error) {
				return elicit(ctx, call, "User response: ", args.Message, askForm)
			}),
		formTool("test_elicitation_sep1034_defaults", "Asks the caller's user to fill in a form with default values (SEP-1034)",
			"Please review and update the form fields with defaults", defaultsForm),
		formTool("test_elicitation_sep1330_enums", "Asks the caller's user to fill in a form with each kind of enumeration (SEP-1330)",
			"Please select options from the enum fields", enumsForm),
		textTool("test_reconnection", "Closes its stream while it runs, so that the caller has to resume it (SEP-1699)", noArguments,
			func(ctx context.Context, call Call, _ arguments) (string, error) {
				call.Suspend(reconnectionWait)
				return "Reconnection test completed successfully.", pause(ctx, reconnectionWork)
			}),
	}
	for i := range tools {
		tools[i].Era = Sessions
	}
	return tools
}

func textArgument(name, description string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(
		`{"type":"object","properties":{%q:{"type":"string","description":%q}},"required":[%[1]q],"additionalProperties":false}`,
		name, description))
}

func formTool(name, description, message, form string) Tool {
	return textTool(name, description, noArguments, func(ctx context.Context, call Call, _ arguments) (string, error) {
		return elicit(ctx, call, "Elicitation completed: ", message, form)
	})
}

func elicit(ctx context.Context, call Call, introduction, message, form string) (string, error) {
	answer, err := call.Elicit(ctx, &mcp.ElicitParams{
		Mode: "form", Message: message, RequestedSchema: json.RawMessage(form),
	})
	if err != nil {
		return "", err
	}
	content := bytes.NewBufferString("{}")
	if answer.Content != nil && string(answer.Content) != "null" {
		content.Reset()
		err = json.Compact(content, answer.Content)
	}
	return introduction + "action=" + answer.Action + ", content=" + content.String(), err
}

func sample(ctx context.Context, call Call, args arguments) (string, error) {
	answer, err := call.Sample(ctx, &mcp.CreateMessageParams{
		Messages:  []*mcp.SamplingMessage{{Role: "user", Content: &mcp.TextContent{Text: args.Prompt}}},
		MaxTokens: 100,
	})
	if err != nil {
		return "", err
	}
	if content, ok := answer.Content.(*mcp.TextContent); ok {
		return "LLM response: " + content.Text, nil
	}
	return "LLM response: No response", nil
}

func logInSteps(ctx context.Context, call Call, _ arguments) (string, error) {
	for step, text := range []string{"Tool execution started", "Tool processing data", "Tool execution completed"} {
		if err := pauseBetween(ctx, step); err != nil {
			return "", err
		}
		if err := call.Log(ctx, OnRequest, &mcp.LoggingMessageParams{Level: "info", Data: text}); err != nil {
			return "", err
		}
	}
	return "Tool with logging executed successfully", nil
}

func progressInSteps(ctx context.Context, call Call, _ arguments) (string, error) {
	for step, done := range []float64{0, 50, 100} {
		if err := pauseBetween(ctx, step); err != nil {
			return "", err
		}
		if err := call.Progress(ctx, done, 100, fmt.Sprintf("Completed step %v of 100", done)); err != nil {
			return "", err
		}
	}
	if token, ok := call.ProgressToken(); ok {
		return token, nil
	}
	return "No progress token", nil
}

// pauseBetween pauses before every step except the first.
func pauseBetween(ctx context.Context, step int) error {
	if step == 0 {
		return nil
	}
	return pause(ctx, stepPause)
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
