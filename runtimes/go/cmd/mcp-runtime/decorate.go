//go:build !faults

package main

import "github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"

// decorate returns nil, because only builds with the tag faults wrap the runtime.
func decorate() func(runtimev1.McpRuntimeServer) runtimev1.McpRuntimeServer { return nil }
