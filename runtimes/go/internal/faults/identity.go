//go:build faults

package faults

import (
	"sync"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

var identityFaults = []fault{
	{"any-owner", "AUTH-2", "A session may be used by every known caller", func() changes {
		return asCreated(func(request, created *runtimev1.McpRequest) {
			if request.AuthContext != nil {
				request.AuthContext = created.AuthContext
			}
		})
	}},
	{"any-anonymous", "AUTH-3", "A session may be used without identity", func() changes {
		return asCreated(func(request, created *runtimev1.McpRequest) {
			if request.AuthContext == nil {
				request.AuthContext = created.AuthContext
			}
		})
	}},
	{"any-scope", "SESSION-5", "A session may be used in every scope", func() changes {
		return asCreated(func(request, created *runtimev1.McpRequest) { request.ServerId = created.ServerId })
	}},
	{"claims-of-the-session", "AUTH-9", "What a call may do follows from the claims that created the session", func() changes {
		return asCreated(func(request, created *runtimev1.McpRequest) {
			if request.AuthContext != nil && created.AuthContext != nil {
				request.AuthContext.Encoded = created.AuthContext.Encoded
			}
		})
	}},
	{"expiry-ignored", "AUTH-5", "An auth context never ends", func() changes {
		return changes{request: func(request *runtimev1.McpRequest) {
			if request.AuthContext != nil {
				request.AuthContext.ExpiresAtEpochMs = 0
			}
		}}
	}},
	{"unreadable-is-anonymous", "AUTH-4", "An auth context that is no base64url counts as none", func() changes {
		return changes{request: func(request *runtimev1.McpRequest) {
			if request.AuthContext != nil && len(request.AuthContext.Encoded) < 8 {
				request.AuthContext = nil
			}
		}}
	}},
}

// asCreated changes the calls of a session with the help of the one that created it.
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
