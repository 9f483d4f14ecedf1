// Package clientsteps has the steps of the gRPC clients that call a runtime with the defaults of their libraries.
package clientsteps

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

// Metadata contains raw values by name. If a name ends in "-bin", its value is binary.
type Metadata map[string]string

// Code is a status code of gRPC.
type Code uint32

const deadlineExceeded Code = 4

// Client calls the RPCs with the library that is tested.
type Client interface {
	HealthCheck(context.Context, *runtimev1.HealthRequest) (*runtimev1.HealthResponse, error)
	Invoke(context.Context, *runtimev1.McpRequest, Metadata) (*runtimev1.McpResponse, error)
	// FirstChunk opens a stream, which ends with the context.
	FirstChunk(context.Context, *runtimev1.McpRequest) (*runtimev1.McpChunk, error)
	CloseSession(context.Context, *runtimev1.McpRequest) (*runtimev1.McpResponse, error)
	// CodeOf returns the status code of a failed call.
	CodeOf(error) Code
}

type step struct {
	name string
	run  func(context.Context) error
}

const stepTimeout = 20 * time.Second

// Main is the main function of a client. It dials the socket in the first argument and runs all steps. It prints a line
// of JSON for each step: its name, and its problem or null.
func Main(name string, dial func(socket string) (Client, error)) {
	if len(os.Args) != 2 {
		fmt.Fprintf(os.Stderr, "usage: %s SOCKET\n", name)
		os.Exit(2)
	}
	client, err := dial(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, step := range (&caller{client: client, name: name}).steps() {
		outcome := map[string]any{"step": step.name, "problem": nil}
		ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
		if err := step.run(ctx); err != nil {
			outcome["problem"] = err.Error()
		}
		cancel()
		json.NewEncoder(os.Stdout).Encode(outcome)
	}
}

func (c *caller) steps() []step {
	return []step{
		{"health", c.health},
		{"initialize", c.initialize},
		{"ping", c.ping},
		{"metadata", c.metadata},
		{"stream", c.stream},
		{"large", c.large},
		{"concurrent", c.concurrent},
		{"deadline", c.deadline},
		{"cancel", c.cancel},
		{"close", c.close},
	}
}
