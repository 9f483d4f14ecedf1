package modern

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/params"
)

// result is the result of a request: its type, and its other members as a JSON object without "_meta".
type result struct {
	kind    string
	members json.RawMessage
}

const (
	complete      = "complete"
	inputRequired = "input_required"
)

// newResult returns a complete result.
func newResult(members any) (*result, error) {
	text, err := jsonrpc.Encode(members)
	return &result{complete, text}, err
}

// response encodes the response to the request with an id. Every result names its type (MODERN-9) and the server.
func (r *result) response(id string, identity json.RawMessage) []byte {
	text := make([]byte, 0, len(r.members)+len(id)+len(identity)+80)
	text = append(append(append(text, `{"jsonrpc":"2.0","id":`...), id...), `,"result":{"resultType":"`...)
	text = append(append(append(text, r.kind...), `","_meta":`...), identity...)
	if string(r.members) != "{}" {
		text = append(text, ',')
	}
	return append(append(text, r.members[1:]...), '}')
}

// lifetimeOfLists is the time for which a list may be cached. Lists change only with the program.
const lifetimeOfLists = 60_000

// withHint adds the members that state how long a result may be cached, and by whom (MODERN-12).
func withHint(members map[string]any, milliseconds int, scope string) map[string]any {
	members["ttlMs"], members["cacheScope"] = milliseconds, scope
	return members
}

// shared returns a method whose result is the same for all requests.
func shared(members map[string]any) method {
	same, err := newResult(withHint(members, lifetimeOfLists, "public"))
	return func(context.Context, *Request, Send) (*result, error) { return same, err }
}

func checkParams(message *jsonrpc.Message) *failure.Refusal {
	if invalid := params.CheckSessionless(message.Method, message.Params); invalid != "" {
		return refuse(failure.InvalidParams("The params of " + message.Method + " are invalid: " + invalid))
	}
	return nil
}

func (s *Server) callTool(ctx context.Context, request *Request, send Send) (*result, error) {
	tool, ok := s.tools[request.name()]
	if !ok {
		return nil, failure.InvalidParams("name: no such tool")
	}
	answer, err := tool.run(ctx, &toolCall{request, send}, request.members["arguments"])
	if err != nil {
		return nil, err
	}
	if answer.InputRequests != nil {
		return question(answer.InputRequests, answer.RequestState)
	}
	if answer.Content == nil {
		answer.Content = []mcp.Content{}
	}
	return newResult(answer)
}

func (s *Server) getPrompt(_ context.Context, request *Request, _ Send) (*result, error) {
	name, _ := jsonrpc.Text(request.members["name"])
	prompt, ok := s.prompts[name]
	if !ok {
		return nil, failure.InvalidParams("name: no such prompt")
	}
	arguments := map[string]string{}
	if text := request.members["arguments"]; text != nil {
		if err := json.Unmarshal(text, &arguments); err != nil {
			return nil, err
		}
	}
	answer, err := prompt.Get(arguments, round{request}, func(message string) error { return failure.InvalidParams(message) })
	if err != nil {
		return nil, err
	}
	if answer.InputRequests != nil {
		return question(answer.InputRequests, answer.RequestState)
	}
	return newResult(answer)
}

// question returns the result that asks the caller for input. It has no cache hints.
func question(requests mcp.InputRequestMap, state string) (*result, error) {
	text, err := jsonrpc.Encode(struct {
		InputRequests mcp.InputRequestMap `json:"inputRequests"`
		RequestState  string              `json:"requestState,omitempty"`
	}{requests, state})
	return &result{inputRequired, text}, err
}

func (s *Server) readResource(_ context.Context, request *Request, _ Send) (*result, error) {
	uri, _ := jsonrpc.Text(request.members["uri"])
	for _, entry := range s.options.Catalog.CallerResources {
		if entry.URI == uri {
			return readForCaller(entry, request)
		}
	}
	found := s.options.Catalog.Read(uri)
	if found == nil {
		unknown := failure.NewRPC(failure.NotFound, failure.CodeInvalidParams, "resource_not_found", "uri: no such resource")
		unknown.Data = map[string]any{"uri": uri}
		return nil, unknown
	}
	return newResult(withHint(map[string]any{"contents": []*mcp.ResourceContents{found}}, 0, "public"))
}

// readForCaller reads a resource that depends on the caller, so that only the caller may cache it.
func readForCaller(entry catalog.CallerResource, request *Request) (*result, error) {
	text, asked, err := entry.Read(request.scope, round{request})
	if declined, ok := errors.AsType[catalog.Failure](err); ok {
		text, err = string(declined), nil
	}
	if err != nil {
		return nil, err
	}
	if asked != nil {
		return question(asked.Requests, asked.State)
	}
	contents := []*mcp.ResourceContents{{URI: entry.URI, MIMEType: entry.MIMEType, Text: text}}
	return newResult(withHint(map[string]any{"contents": contents}, 0, "private"))
}

func (s *Server) complete(_ context.Context, request *Request, _ Send) (*result, error) {
	text := func(path ...string) string {
		value, _ := jsonrpc.Text(jsonrpc.Member(request.message.Params, path...))
		return value
	}
	subject := catalog.Subject{Kind: text("ref", "type"), Name: text("ref", "name"), Argument: text("argument", "name")}
	if subject.Kind == "ref/resource" {
		subject.Name = text("ref", "uri")
	}
	values, ok := s.options.Catalog.Complete(subject, text("argument", "value"))
	if !ok {
		return nil, failure.InvalidParams("ref: no such prompt, resource template or argument")
	}
	return newResult(map[string]any{"completion": map[string]any{
		"values": values, "total": len(values), "hasMore": false,
	}})
}
