//go:build !faults

package main

import "github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"

// decorate changes nothing: only a build with faults wraps the runtime.
func decorate() func(runtimev1.McpRuntimeServer) runtimev1.McpRuntimeServer { return nil }
