//go:build !faults

package main

import "github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"

// decorate puts nothing in between: only the build with faults does.
func decorate() func(runtimev1.McpRuntimeServer) runtimev1.McpRuntimeServer { return nil }
