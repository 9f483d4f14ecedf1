package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	entries "github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	own "github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/state"
)

const sessionlessRevision = "2026-07-28"

// isSessionless reports whether a request belongs to MCP 2026-07-28.
func isSessionless(request mcp.Request) bool {
	versioned, ok := request.(interface{ ProtocolVersion() string })
	return ok && versioned.ProtocolVersion() >= sessionlessRevision
}

// eras maps the names of tools and prompts, and the URIs of resources, to the revisions that serve them.
type eras struct{ tools, prompts, resources map[string]entries.Era }

func erasOf(catalog *entries.Catalog) eras {
	all := eras{map[string]entries.Era{}, map[string]entries.Era{}, map[string]entries.Era{}}
	for _, resource := range catalog.CallerResources {
		all.resources[resource.URI] = entries.Sessionless
	}
	for _, tool := range catalog.Tools {
		all.tools[tool.Name] = tool.Era
	}
	for _, prompt := range catalog.Prompts {
		all.prompts[prompt.Name] = prompt.Era
	}
	return all
}

// filter is middleware that hides the entries of other revisions.
func (e eras) filter(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, request mcp.Request) (mcp.Result, error) {
		era := entries.Sessions
		if isSessionless(request) {
			era = entries.Sessionless
		}
		switch params := request.GetParams().(type) {
		case *mcp.CallToolParamsRaw:
			if isOther(e.tools, params.Name, era) {
				return nil, invalidParams("name: no such tool")
			}
		case *mcp.GetPromptParams:
			if isOther(e.prompts, params.Name, era) {
				return nil, invalidParams("name: no such prompt")
			}
		case *mcp.ReadResourceParams:
			if isOther(e.resources, params.URI, era) {
				return nil, mcp.ResourceNotFoundError(params.URI)
			}
		}
		result, err := next(ctx, method, request)
		if err != nil {
			return result, err
		}
		switch result := result.(type) {
		case *mcp.ListToolsResult:
			result.Tools = ofEra(result.Tools, e.tools, era, func(tool *mcp.Tool) string { return tool.Name })
		case *mcp.ListPromptsResult:
			result.Prompts = ofEra(result.Prompts, e.prompts, era, func(prompt *mcp.Prompt) string { return prompt.Name })
		case *mcp.ListResourcesResult:
			result.Resources = ofEra(result.Resources, e.resources, era, func(resource *mcp.Resource) string { return resource.URI })
		}
		return result, nil
	}
}

// ofEra returns the entries that the revisions of an era serve. The result is never nil, so that JSON has an empty
// list.
func ofEra[Entry any](all []Entry, known map[string]entries.Era, era entries.Era, name func(Entry) string) []Entry {
	served := []Entry{}
	for _, entry := range all {
		if !isOther(known, name(entry), era) {
			served = append(served, entry)
		}
	}
	return served
}

func isOther(known map[string]entries.Era, name string, era entries.Era) bool {
	of := known[name]
	return of != entries.BothEras && of != era
}

func (m *mount) addPrompt(prompt entries.Prompt) {
	m.server.AddPrompt(&prompt.Prompt, func(ctx context.Context, request *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		params := request.Params
		if !isSessionless(request) {
			return prompt.Get(params.Arguments, nil, invalidParams)
		}
		scope, err := m.scope(ctx, callOf(request.Session, request.Extra, params.Meta))
		if err != nil {
			return nil, err
		}
		current, err := m.newRound(scope, roundRequest{
			method: "prompts/get", params: map[string]any{"name": params.Name, "arguments": params.Arguments},
			capabilities: request.ClientCapabilities(), answers: params.InputResponses, state: params.RequestState,
		})
		if err != nil {
			return nil, err
		}
		result, err := prompt.Get(params.Arguments, current, invalidParams)
		return result, protocolError(err)
	})
}

func (m *mount) addCallerResource(resource entries.CallerResource) {
	m.server.AddResource(&resource.Resource, func(ctx context.Context, request *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		params := request.Params
		scope, err := m.scope(ctx, callOf(request.Session, request.Extra, params.Meta))
		if err != nil {
			return nil, err
		}
		current, err := m.newRound(scope, roundRequest{
			method: "resources/read", params: map[string]any{"uri": params.URI},
			capabilities: request.ClientCapabilities(), answers: params.InputResponses, state: params.RequestState,
		})
		if err != nil {
			return nil, err
		}
		text, question, err := resource.Read(scope, current)
		if declined, ok := errors.AsType[entries.Failure](err); ok {
			text, err = string(declined), nil
		}
		if err != nil {
			return nil, protocolError(err)
		}
		if question != nil {
			return &mcp.ReadResourceResult{InputRequests: question.Requests, RequestState: question.State}, nil
		}
		return &mcp.ReadResourceResult{
			Cacheable: mcp.Cacheable{CacheScope: "private"},
			Contents:  []*mcp.ResourceContents{{URI: params.URI, MIMEType: resource.MIMEType, Text: text}},
		}, nil
	})
}

// callOf returns the call of a tool by the caller of another request.
func callOf(session *mcp.ServerSession, extra *mcp.RequestExtra, meta mcp.Meta) *mcp.CallToolRequest {
	return &mcp.CallToolRequest{Session: session, Extra: extra, Params: &mcp.CallToolParamsRaw{Meta: meta}}
}

// roundRequest is the part of a request that its round needs.
type roundRequest struct {
	method string
	// params are those that do not differ between the rounds.
	params       map[string]any
	capabilities *mcp.ClientCapabilities
	answers      mcp.InputResponseMap
	state        string
}

// round is one round of a request of MCP 2026-07-28.
type round struct {
	mount   *mount
	request roundRequest
	binding []byte
	// capabilities are the declared capabilities as JSON.
	capabilities json.RawMessage
	// payload is the opened state, or nil.
	payload       json.RawMessage
	announceTools func()
}

// newRound opens the state of a round. It fails with invalid params for state that was not issued for this request.
func (m *mount) newRound(scope entries.Scope, request roundRequest) (*round, error) {
	params, err := own.Encode(request.params)
	if err != nil {
		return nil, err
	}
	current := &round{mount: m, request: request, binding: state.Binding(scope, request.method, params)}
	if request.capabilities != nil {
		if current.capabilities, err = own.Encode(request.capabilities); err != nil {
			return nil, err
		}
	}
	if request.state == "" {
		return current, nil
	}
	var ok bool
	if current.payload, ok = m.sealer.Open(current.binding, request.state); !ok {
		return nil, invalidParams("requestState: was not issued for this request, or has expired")
	}
	return current, nil
}

func (r *round) Declares(capability string, member ...string) bool {
	if capability == "roots" { // The SDK encodes this member even if it is not declared.
		return r.request.capabilities != nil && r.request.capabilities.RootsV2 != nil
	}
	return own.Member(r.capabilities, append([]string{capability}, member...)...) != nil
}

func (r *round) Answer(key string) entries.Answer {
	answer, given := r.request.answers[key]
	if !given {
		return entries.Answer{}
	}
	text, err := own.Encode(answer)
	if err != nil {
		return entries.Answer{}
	}
	return entries.ParseAnswer(text)
}

func (r *round) State(into any) bool {
	return r.payload != nil && json.Unmarshal(r.payload, into) == nil
}

func (r *round) Seal(payload any, lifetime time.Duration) (string, error) {
	return r.mount.sealer.Seal(r.binding, payload, lifetime)
}

// Announce adds an entry again, because the SDK announces a list only when it changes.
func (r *round) Announce(list entries.List) error {
	switch list {
	case entries.ToolList:
		r.announceTools()
	case entries.PromptList:
		r.mount.addPrompt(r.mount.catalog.Prompts[0])
	case entries.ResourceList:
		r.mount.addResource(r.mount.catalog.Resources[0])
	}
	return nil
}

// protocolError returns the JSON-RPC error for a missing capability, and any other error unchanged.
func protocolError(err error) error {
	missing, ok := errors.AsType[*entries.MissingCapability](err)
	if !ok {
		return err
	}
	data, err := own.Encode(map[string]any{"requiredCapabilities": missing.Required})
	if err != nil {
		return err
	}
	return &jsonrpc.Error{Code: mcp.CodeMissingRequiredClientCapabilities, Message: missing.Error(), Data: data}
}
