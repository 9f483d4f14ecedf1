package catalog

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/params"
)

// inputTool returns a tool of MCP 2026-07-28. Its function returns a text or a question.
func inputTool(
	name, description string, work func(ctx context.Context, call Call, round Round) (string, *Question, error),
) Tool {
	tool := newTool(name, description, noArguments,
		func(ctx context.Context, call Call, _ json.RawMessage) (*mcp.CallToolResult, error) {
			round := call.Round()
			if round == nil {
				return nil, Failure("The tool needs a revision without sessions")
			}
			text, question, err := work(ctx, call, round)
			if err != nil || question != nil {
				return question.toolResult(), err
			}
			return TextResult(text), nil
		})
	tool.Era = Sessionless
	return tool
}

// textQuestion returns a question to the user that asks for one text.
func textQuestion(message, property string) *mcp.ElicitParams {
	schema := fmt.Sprintf(`{"type":"object","properties":{%q:{"type":"string"}},"required":[%[1]q]}`, property)
	return &mcp.ElicitParams{Mode: "form", Message: message, RequestedSchema: json.RawMessage(schema)}
}

func modelQuestion(text string) *mcp.CreateMessageParams {
	return &mcp.CreateMessageParams{
		Messages:  []*mcp.SamplingMessage{{Role: "user", Content: &mcp.TextContent{Text: text}}},
		MaxTokens: 100,
	}
}

// formAnswer returns the accepted form of a question. It fails with a Failure if the user declined or cancelled.
func formAnswer(round Round, key string) (form json.RawMessage, answered bool, err error) {
	answer := round.Answer(key)
	if answer.Kind != UserAnswer {
		return nil, false, nil
	}
	if answer.Action != "accept" {
		return nil, false, Failure("The user did not answer: " + answer.Action)
	}
	_, isForm := jsonrpc.Members(answer.Content)
	return answer.Content, isForm, nil
}

// textAnswer returns a text of an accepted form.
func textAnswer(round Round, key, property string) (text string, answered bool, err error) {
	form, _, err := formAnswer(round, key)
	text, answered = jsonrpc.Text(jsonrpc.Member(form, property))
	return text, answered, err
}

func compact(text json.RawMessage) string {
	var short bytes.Buffer
	if json.Compact(&short, text) != nil {
		return string(text)
	}
	return short.String()
}

// progress is the state of the tools that ask with state.
type progress struct {
	Step string `json:"step"`
	Name string `json:"name,omitempty"`
}

// at returns the state of this round, or the zero value in a first round.
func at(round Round) (state progress) {
	round.State(&state)
	return state
}

func greet(_ context.Context, _ Call, round Round) (string, *Question, error) {
	return greetCaller(round)
}

func greetCaller(round Round) (string, *Question, error) {
	name, answered, err := textAnswer(round, "user_name", "name")
	if answered || err != nil {
		return "Hello, " + name + "!", nil, err
	}
	question, err := ask(round, mcp.InputRequestMap{"user_name": textQuestion("What is your name?", "name")}, nil)
	return "", question, err
}

// briefLifetime is the lifetime of the state of test_input_required_result_brief_state.
const briefLifetime = time.Second

// confirm asks for a confirmation with state of a lifetime, and then returns a text.
func confirm(text string, lifetime time.Duration) func(context.Context, Call, Round) (string, *Question, error) {
	return func(_ context.Context, _ Call, round Round) (string, *Question, error) {
		if _, answered, err := formAnswer(round, "confirm"); err != nil || answered && at(round).Step == "confirm" {
			return text, nil, err
		}
		requests := mcp.InputRequestMap{"confirm": textQuestion("Please confirm", "ok")}
		question, err := askWithin(round, requests, progress{Step: "confirm"}, lifetime)
		return "", question, err
	}
}

func askModel(_ context.Context, _ Call, round Round) (string, *Question, error) {
	if answer := round.Answer("capital_question"); answer.Kind == ModelAnswer {
		return "Model response: " + compact(answer.Content), nil, nil
	}
	requests := mcp.InputRequestMap{"capital_question": modelQuestion("What is the capital of France?")}
	question, err := ask(round, requests, nil)
	return "", question, err
}

func askRoots(_ context.Context, _ Call, round Round) (string, *Question, error) {
	if answer := round.Answer("client_roots"); answer.Kind == RootsAnswer {
		return "Roots: " + strings.Join(answer.Roots, ", "), nil, nil
	}
	question, err := ask(round, mcp.InputRequestMap{"client_roots": &mcp.ListRootsParams{}}, nil)
	return "", question, err
}

func askEverything(_ context.Context, _ Call, round Round) (string, *Question, error) {
	name, answered, err := textAnswer(round, "user_name", "name")
	greeting, roots := round.Answer("greeting"), round.Answer("client_roots")
	if err != nil || answered && greeting.Kind == ModelAnswer && roots.Kind == RootsAnswer {
		return fmt.Sprintf("%s, %d roots, %s", name, len(roots.Roots), compact(greeting.Content)), nil, err
	}
	question, err := ask(round, mcp.InputRequestMap{
		"user_name":    textQuestion("What is your name?", "name"),
		"greeting":     modelQuestion("Write a greeting"),
		"client_roots": &mcp.ListRootsParams{},
	}, progress{Step: "inputs"})
	return "", question, err
}

func askTwice(_ context.Context, _ Call, round Round) (string, *Question, error) {
	name, answered, err := textAnswer(round, "step1", "name")
	if err != nil {
		return "", nil, err
	}
	state := at(round)
	if state.Step == "1" && answered {
		requests := mcp.InputRequestMap{"step2": textQuestion("What is your favourite colour?", "colour")}
		question, err := ask(round, requests, progress{"2", name})
		return "", question, err
	}
	if state.Step == "2" {
		form, answered, err := formAnswer(round, "step2")
		if answered || err != nil {
			return state.Name + ": " + compact(form), nil, err
		}
	}
	question, err := ask(round, mcp.InputRequestMap{"step1": textQuestion("What is your name?", "name")}, progress{Step: "1"})
	return "", question, err
}

// askAsDeclared asks only by means that the request declares.
func askAsDeclared(_ context.Context, _ Call, round Round) (string, *Question, error) {
	if round.Answer("model").Kind == ModelAnswer || round.Answer("user").Kind == UserAnswer {
		return "Answered", nil, nil
	}
	requests := mcp.InputRequestMap{}
	if round.Declares("sampling") {
		requests["model"] = modelQuestion("What is the capital of France?")
	}
	if round.Declares("elicitation", "form") || round.Declares("elicitation") && !round.Declares("elicitation", "url") {
		requests["user"] = textQuestion("What is your name?", "name")
	}
	if len(requests) == 0 {
		return "The request declares no way to ask", nil, nil
	}
	question, err := ask(round, requests, nil)
	return "", question, err
}

func needSampling(_ context.Context, _ Call, round Round) (string, *Question, error) {
	if !round.Declares("sampling") {
		return "", nil, &MissingCapability{map[string]any{"sampling": map[string]any{}}}
	}
	return "The request declares sampling", nil, nil
}

func greetWithProgress(ctx context.Context, call Call, round Round) (string, *Question, error) {
	if round.Answer("user_name").Kind == Unanswered {
		if err := call.Progress(ctx, 1, 2, "The question follows"); err != nil {
			return "", nil, err
		}
	}
	return greet(ctx, call, round)
}

// logEachLevel sends a log message of each level, from the lowest to the highest.
func logEachLevel(ctx context.Context, call Call, on Destination) error {
	for _, level := range params.Levels {
		message := &mcp.LoggingMessageParams{Level: mcp.LoggingLevel(level), Data: "A message of level " + level}
		if err := call.Log(ctx, on, message); err != nil {
			return err
		}
	}
	return nil
}

func announce(list List) func(context.Context, Call, Round) (string, *Question, error) {
	return func(_ context.Context, _ Call, round Round) (string, *Question, error) {
		return "Announced", nil, round.Announce(list)
	}
}

// inputTools returns the tools of the official MCP conformance scenarios for MCP 2026-07-28. Most of them ask the
// caller for input by their result.
func inputTools() []Tool {
	header := textTool("test_x_mcp_header", "Returns a text that the header field mcp-param-region repeats",
		json.RawMessage(`{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"}},"additionalProperties":false}`),
		func(_ context.Context, _ Call, args arguments) (string, error) {
			if args.Region == nil {
				return "none", nil
			}
			return *args.Region, nil
		})
	header.Era = Sessionless
	return []Tool{
		inputTool("test_input_required_result_elicitation", "Asks the user's name", greet),
		inputTool("test_input_required_result_sampling", "Asks the caller's model", askModel),
		inputTool("test_input_required_result_list_roots", "Asks for the roots of the caller", askRoots),
		inputTool("test_input_required_result_request_state", "Asks for a confirmation, with state",
			confirm("state-ok: the state is valid", 0)),
		inputTool("test_input_required_result_multiple_inputs", "Asks the user, the model and for roots at once, with state", askEverything),
		inputTool("test_input_required_result_multi_round", "Asks twice, each time with other state", askTwice),
		inputTool("test_input_required_result_tampered_state", "Refuses altered state", confirm("The state was not altered", 0)),
		inputTool("test_input_required_result_brief_state", "Asks for a confirmation within a second",
			confirm("The state was valid", briefLifetime)),
		inputTool("test_input_required_result_capabilities", "Asks only by means that the request declares", askAsDeclared),
		inputTool("test_missing_capability", "Needs the capability sampling", needSampling),
		inputTool("test_streaming_elicitation", "Reports progress, then asks the user", greetWithProgress),
		inputTool("test_logging_tool", "Sends a log message of each level",
			func(ctx context.Context, call Call, _ Round) (string, *Question, error) {
				return "Logged", nil, logEachLevel(ctx, call, OnRequest)
			}),
		inputTool("test_trigger_tool_change", "Announces that the list of tools has changed", announce(ToolList)),
		inputTool("test_trigger_prompt_change", "Announces that the list of prompts has changed", announce(PromptList)),
		inputTool("test_trigger_resource_change", "Announces that the list of resources has changed", announce(ResourceList)),
		header,
	}
}
