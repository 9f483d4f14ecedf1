package catalog

import (
	"encoding/json"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

// Round is one round of a request of MCP 2026-07-28. Instead of a result, it may return a question to the caller, who
// then sends the request again with the answers.
type Round interface {
	// Declares reports whether this request declares a capability of the client, or a member of one.
	Declares(capability string, member ...string) bool
	// Answer returns the caller's answer to the question with this key.
	Answer(key string) Answer
	// State decodes the state that the previous round sealed. It reports false in a first round.
	State(into any) bool
	// Seal returns state for the next round. It is valid for a lifetime, or for that of the runtime if the lifetime is 0.
	Seal(payload any, lifetime time.Duration) (string, error)
	// Announce tells the subscribers that a list has changed.
	Announce(list List) error
}

// List is a list that can change.
type List string

// The lists of a catalog.
const (
	ToolList     List = "tools"
	PromptList   List = "prompts"
	ResourceList List = "resources"
)

// MissingCapability is the failure of a request that needs a capability of the client that it does not declare
// (MODERN-18).
type MissingCapability struct {
	// Required names the missing capabilities, in the form in which a client declares them.
	Required map[string]any
}

func (*MissingCapability) Error() string {
	return "The request needs an undeclared capability of the client"
}

// Question is a result that asks the caller for input.
type Question struct {
	Requests mcp.InputRequestMap
	// State is sealed state for the next round, or "".
	State string
}

func (q *Question) toolResult() *mcp.CallToolResult {
	if q == nil {
		return nil
	}
	return &mcp.CallToolResult{InputRequests: q.Requests, RequestState: q.State}
}

func (q *Question) promptResult() *mcp.GetPromptResult {
	if q == nil {
		return nil
	}
	return &mcp.GetPromptResult{InputRequests: q.Requests, RequestState: q.State}
}

// ask returns a question. The payload, unless nil, is its state.
func ask(round Round, requests mcp.InputRequestMap, payload any) (*Question, error) {
	return askWithin(round, requests, payload, 0)
}

// askWithin is ask with a lifetime of the state. It fails with a *MissingCapability if the request does not declare
// that its caller can answer.
func askWithin(
	round Round, requests mcp.InputRequestMap, payload any, lifetime time.Duration,
) (*Question, error) {
	required := map[string]any{}
	for _, request := range requests {
		switch request.(type) {
		case *mcp.ElicitParams:
			// Without members, elicitation stands for forms.
			declared := round.Declares("elicitation", "form") || round.Declares("elicitation") && !round.Declares("elicitation", "url")
			if !declared {
				required["elicitation"] = map[string]any{"form": map[string]any{}}
			}
		case *mcp.CreateMessageParams:
			if !round.Declares("sampling") {
				required["sampling"] = map[string]any{}
			}
		case *mcp.ListRootsParams:
			if !round.Declares("roots") {
				required["roots"] = map[string]any{}
			}
		}
	}
	if len(required) > 0 {
		return nil, &MissingCapability{required}
	}
	question := &Question{Requests: requests}
	if payload == nil {
		return question, nil
	}
	var err error
	question.State, err = round.Seal(payload, lifetime)
	return question, err
}

// AnswerKind is the kind of an answer.
type AnswerKind int

const (
	// Unanswered means that the answer is missing or of an unknown kind.
	Unanswered AnswerKind = iota
	// UserAnswer is the answer to elicitation/create.
	UserAnswer
	// ModelAnswer is the answer to sampling/createMessage.
	ModelAnswer
	// RootsAnswer is the answer to roots/list.
	RootsAnswer
)

// Answer is the caller's answer to a question.
type Answer struct {
	Kind AnswerKind
	// Action is accept, decline or cancel in a UserAnswer.
	Action string
	// Content is the form of a UserAnswer, or the content of a ModelAnswer, as JSON.
	Content json.RawMessage
	// Roots are the URIs of a RootsAnswer.
	Roots []string
}

// ParseAnswer reads an answer.
func ParseAnswer(raw json.RawMessage) Answer {
	members, _ := jsonrpc.Members(raw)
	if action, ok := jsonrpc.Text(members["action"]); ok {
		switch action {
		case "accept", "decline", "cancel":
			return Answer{Kind: UserAnswer, Action: action, Content: members["content"]}
		}
		return Answer{}
	}
	if roots, ok := rootsOf(members["roots"]); ok {
		return Answer{Kind: RootsAnswer, Roots: roots}
	}
	if content := members["content"]; jsonrpc.IsString(members["role"]) && content != nil {
		return Answer{Kind: ModelAnswer, Content: content}
	}
	return Answer{}
}

func rootsOf(token json.RawMessage) (uris []string, ok bool) {
	var roots []struct{ URI string }
	if token == nil || json.Unmarshal(token, &roots) != nil || string(token) == "null" {
		return nil, false
	}
	uris = make([]string, 0, len(roots))
	for _, root := range roots {
		uris = append(uris, root.URI)
	}
	return uris, true
}
