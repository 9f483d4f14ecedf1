//go:build faults

package faults

import (
	"bytes"
	"context"
	"strconv"
	"sync"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

const sessionHeader = "mcp-session-id"

var sessionFaults = []fault{
	{"guessable-ids", "SESSION-1", "The runtime numbers its sessions consecutively", func() changes {
		var names, ids sync.Map
		var mu sync.Mutex
		made := 0
		return changes{
			request: func(request *runtimev1.McpRequest) {
				if id, ok := ids.Load(request.SessionId); ok {
					request.SessionId = id.(string)
				}
			},
			answer: func(_ *runtimev1.McpRequest, response *runtimev1.McpResponse) {
				id := response.Headers[sessionHeader]
				if id == "" {
					return
				}
				mu.Lock()
				made++
				name := "session-" + strconv.Itoa(made)
				mu.Unlock()
				names.Store(id, name)
				ids.Store(name, id)
				response.Headers[sessionHeader] = name
			},
		}
	}},
	{"header-names-session", "SESSION-7", "The runtime takes the session id from the mcp-session-id field", func() changes {
		return namedByHeader(sessionHeader)
	}},
	{"internal-header-names-session", "HEADER-5", "The runtime takes the session id from the x-mcp-session-id field", func() changes {
		return namedByHeader("x-mcp-session-id")
	}},
	{"closed-session-lives", "SESSION-4", "The runtime answers CloseSession without closing the session", func() changes {
		return changes{closeSession: func(context.Context, *runtimev1.McpRequest, unary) (*runtimev1.McpResponse, error) {
			return &runtimev1.McpResponse{Status: 204}, nil
		}}
	}},
	{"failed-handshake-names-session", "INIT-4", "The runtime sends a session id with a failed initialize", func() changes {
		return changes{answer: func(request *runtimev1.McpRequest, response *runtimev1.McpResponse) {
			if request.SessionId == "" && bytes.Contains(response.Body, []byte(`"error"`)) && response.Headers != nil {
				response.Headers[sessionHeader] = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo"
			}
		}}
	}},
}

func namedByHeader(name string) changes {
	return changes{request: func(request *runtimev1.McpRequest) {
		if id := request.Headers[name]; id != "" {
			request.SessionId = id
		}
	}}
}
