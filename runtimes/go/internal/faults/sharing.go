//go:build faults

package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

// sharingFaults keep variables of one request of MCP 2026-07-28 for other requests.
var sharingFaults = []fault{
	{"modern-log-level-shared", "MODERN-19", "The runtime keeps the log level of the latest request in a variable that all requests share", func() changes {
		var level shared
		const key = "io.modelcontextprotocol/logLevel"
		return changes{request: func(request *runtimev1.McpRequest) {
			edit(request, func(_, metadata object) {
				metadata[key] = level.replace(metadata[key])
			})
		}}
	}},
	{"modern-capabilities-shared", "MODERN-53", "The runtime adds the capabilities of each client to those of all clients", func() changes {
		var mu sync.Mutex
		all := object{}
		const key = "io.modelcontextprotocol/clientCapabilities"
		return changes{request: func(request *runtimev1.McpRequest) {
			edit(request, func(_, metadata object) {
				var declared object
				if json.Unmarshal(metadata[key], &declared) != nil || declared == nil {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				maps.Copy(all, declared)
				metadata[key], _ = json.Marshal(all)
			})
		}}
	}},
	{"modern-answers-shared", "MODERN-54", "The runtime reads params into a variable of the tool that still has earlier answers", func() changes {
		var answers sync.Map
		return changes{request: func(request *runtimev1.McpRequest) {
			edit(request, func(params, _ object) {
				ofTool, _ := answers.LoadOrStore(string(params["name"]), new(shared))
				params["inputResponses"] = ofTool.(*shared).replace(params["inputResponses"])
			})
		}}
	}},
	{"modern-reads-shared", "MODERN-51", "The runtime caches resources for all callers", func() changes {
		var cached sync.Map
		return changes{invoke: func(ctx context.Context, request *runtimev1.McpRequest, work unary) (*runtimev1.McpResponse, error) {
			if methodOf(request) != "resources/read" || request.SessionId != "" {
				return work(ctx, request)
			}
			if found, ok := cached.Load(string(request.Body)); ok {
				return proto.CloneOf(found.(*runtimev1.McpResponse)), nil
			}
			response, err := work(ctx, request)
			if err == nil {
				cached.Store(string(request.Body), proto.CloneOf(response))
			}
			return response, err
		}}
	}},
	{"modern-cancelled-by-id", "MODERN-70", "The runtime cancels every request with the id that notifications/cancelled names", func() changes {
		var mu sync.Mutex
		running := map[string][]context.CancelFunc{}
		return changes{requestContext: func(ctx context.Context, request *runtimev1.McpRequest) context.Context {
			var message struct {
				ID     json.RawMessage
				Method string
				Params struct{ RequestID json.RawMessage }
			}
			if request.SessionId != "" || json.Unmarshal(request.Body, &message) != nil {
				return ctx
			}
			mu.Lock()
			defer mu.Unlock()
			if message.Method == "notifications/cancelled" {
				for _, cancel := range running[string(message.Params.RequestID)] {
					cancel()
				}
				return ctx
			}
			ctx, cancel := context.WithCancel(ctx)
			running[string(message.ID)] = append(running[string(message.ID)], cancel)
			return ctx
		}}
	}},
	{"modern-closed-subscriptions-kept", "MODERN-65", "The runtime never removes a closed subscription, and refuses new ones when it has 16", func() changes {
		var mu sync.Mutex
		kept := 0
		return changes{request: func(request *runtimev1.McpRequest) {
			if methodOf(request) != listenMethod {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if kept++; kept > 16 {
				edit(request, func(params, _ object) { delete(params, "notifications") })
			}
		}}
	}},
	{"modern-progress-token-as-text", "MODERN-68", "The runtime formats the progress token with fmt.Sprint and sends it as a string", func() changes {
		const key = `"progressToken":`
		return changes{chunk: func(request *runtimev1.McpRequest, chunk *runtimev1.McpChunk) bool {
			before, after, found := bytes.Cut(chunk.Data, []byte(key))
			if end := bytes.IndexAny(after, ",}"); found && request.SessionId == "" && end > 0 && after[0] != '"' {
				chunk.Data = bytes.Join([][]byte{before, []byte(key + `"`), after[:end], []byte(`"`), after[end:]}, nil)
			}
			return true
		}}
	}},
}

type object = map[string]json.RawMessage

// shared is a variable that all requests share.
type shared struct {
	mu    sync.Mutex
	value json.RawMessage
}

// replace stores a value, unless it is nil, and returns the stored value.
func (s *shared) replace(value json.RawMessage) json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	if value != nil {
		s.value = value
	}
	return s.value
}

// edit changes the params of a request of MCP 2026-07-28 and their metadata. Members without a value are left out.
func edit(request *runtimev1.McpRequest, change func(params, metadata object)) {
	var message, params, metadata object
	if json.Unmarshal(request.GetBody(), &message) != nil || json.Unmarshal(message["params"], &params) != nil ||
		json.Unmarshal(params["_meta"], &metadata) != nil || metadata[versionMember] == nil {
		return
	}
	change(params, metadata)
	for _, members := range []object{params, metadata} {
		maps.DeleteFunc(members, func(_ string, value json.RawMessage) bool { return value == nil })
	}
	params["_meta"], _ = json.Marshal(metadata)
	message["params"], _ = json.Marshal(params)
	request.Body, _ = json.Marshal(message)
}
