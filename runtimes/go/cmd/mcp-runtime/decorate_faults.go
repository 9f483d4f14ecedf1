//go:build faults

package main

import (
	"fmt"
	"os"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/faults"
)

// decorate breaks the runtime as the environment says. With the command "faults" it lists what can be broken, and ends.
func decorate() faults.Decorator {
	decorator, err := faults.Named(os.Getenv(faults.Variable))
	if err != nil {
		fmt.Fprintln(os.Stderr, "mcp-runtime:", err)
		os.Exit(exitSetting)
	}
	return decorator
}

func init() {
	if len(os.Args) == 2 && os.Args[1] == "faults" {
		if err := faults.List(os.Stdout); err != nil {
			os.Exit(exitFailed)
		}
		os.Exit(0)
	}
}
