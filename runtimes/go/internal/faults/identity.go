//go:build faults

package faults

import (
	"sync"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

var identityFaults = []fault{
	{"any-owner", "AUTH-2", "The runtime lets every authenticated caller use every session", func() changes {
		return asCreated(func(request, created *runtimev1.McpRequest) {
			if request.AuthContext != nil {
				request.AuthContext = created.AuthContext
			}
		})
	}},
	{"any-anonymous", "AUTH-3", "The runtime lets an anonymous caller use every session", func() changes {
		return asCreated(func(request, created *runtimev1.McpRequest) {
			if request.AuthContext == nil {
				request.AuthContext = created.AuthContext
			}
		})
	}},
	{"any-scope", "SESSION-5", "The runtime accepts every scope in a session", func() changes {
		return asCreated(func(request, created *runtimev1.McpRequest) { request.ServerId = created.ServerId })
	}},
	{"claims-of-the-session", "AUTH-9", "The runtime applies the claims of the session's creator to every call", func() changes {
		return asCreated(func(request, created *runtimev1.McpRequest) {
			if request.AuthContext != nil && created.AuthContext != nil {
				request.AuthContext.Encoded = created.AuthContext.Encoded
			}
		})
	}},
	{"expiry-ignored", "AUTH-5", "The runtime ignores the expiry of an auth context", func() changes {
		return changes{request: func(request *runtimev1.McpRequest) {
			if request.AuthContext != nil {
				request.AuthContext.ExpiresAtEpochMs = 0
			}
		}}
	}},
	{"unreadable-is-anonymous", "AUTH-4", "The runtime treats an auth context that is not base64url as anonymous", func() changes {
		return changes{request: func(request *runtimev1.McpRequest) {
			if request.AuthContext != nil && len(request.AuthContext.Encoded) < 8 {
				request.AuthContext = nil
			}
		}}
	}},
}

// asCreated applies change to the calls of a session. change also receives the request that created the session.
func asCreated(change func(request, created *runtimev1.McpRequest)) changes {
	var sessions sync.Map
	return changes{
		request: func(request *runtimev1.McpRequest) {
			if created, ok := sessions.Load(request.SessionId); ok {
				change(request, created.(*runtimev1.McpRequest))
			}
		},
		answer: func(request *runtimev1.McpRequest, response *runtimev1.McpResponse) {
			if id := response.GetHeaders()[sessionHeader]; id != "" {
				sessions.Store(id, &runtimev1.McpRequest{AuthContext: request.AuthContext, ServerId: request.ServerId})
			}
		},
	}
}
