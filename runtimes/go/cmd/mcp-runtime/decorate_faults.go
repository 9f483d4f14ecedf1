//go:build faults

package main

import (
	"fmt"
	"os"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/faults"
)

// decorate returns the decorator for the fault in MCP_RUNTIME_FAULT, if any. It exits if the fault is unknown.
func decorate() faults.Decorator {
	decorator, err := faults.Named(os.Getenv(faults.Variable))
	if err != nil {
		fmt.Fprintln(os.Stderr, "mcp-runtime:", err)
		os.Exit(exitSetting)
	}
	return decorator
}

// init implements the command "faults", which lists the faults and exits.
func init() {
	if len(os.Args) == 2 && os.Args[1] == "faults" {
		if err := faults.List(os.Stdout); err != nil {
			os.Exit(exitFailed)
		}
		os.Exit(0)
	}
}
