// Package runtime puts the parts of a runtime together, and stops them in their order.
package runtime

import (
	"context"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/grpcserver"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/mcpserver"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/session"
)

// Capabilities are the optional surfaces that this implementation serves (HEALTH-4).
func Capabilities() []string { return []string{"stream-head", "stream-post", "resume"} }

// lastWords is how long what was written may take to be sent once everything has ended.
const lastWords = 500 * time.Millisecond

// Listener is a socket that can be given back.
type Listener interface {
	net.Listener
	// Path is where the socket's file is.
	Path() string
	// Release stops accepting connections and removes the socket's file (LIFE-8).
	Release() error
}

// Options are what a runtime is made of.
type Options struct {
	Catalog         *catalog.Catalog
	Mode            string
	Version         string
	RefuseAnonymous bool
	Limits          service.Limits
	Logger          *slog.Logger
	// Decorate, where it is given, puts something between the gRPC server and the runtime.
	Decorate func(runtimev1.McpRuntimeServer) runtimev1.McpRuntimeServer
}

// Runtime serves the contract.
type Runtime struct {
	options  Options
	sessions *session.Store
	calls    *grpcserver.Calls
	server   *grpc.Server
}

// New makes a runtime. It fails where the catalog cannot be served.
func New(options Options) (*Runtime, error) {
	mcp, err := mcpserver.New(mcpserver.Options{
		Catalog:          options.Catalog,
		Version:          options.Version,
		MaxSubscriptions: options.Limits.MaxSubscriptions,
		Logger:           options.Logger,
	})
	if err != nil {
		return nil, err
	}
	sessions := session.NewStore(session.Limits{
		MaxSessions: options.Limits.MaxSessions, Idle: options.Limits.SessionIdle,
	})
	calls := grpcserver.NewCalls()
	handlers := &grpcserver.Handlers{
		Service: service.New(service.Options{
			Sessions: sessions, MCP: mcp, Limits: options.Limits, RefuseAnonymous: options.RefuseAnonymous,
		}),
		Limits: options.Limits,
		Health: grpcserver.Health{Mode: options.Mode, Version: options.Version, Capabilities: Capabilities()},
		Calls:  calls,
		Logger: options.Logger,
	}
	var served runtimev1.McpRuntimeServer = handlers
	if options.Decorate != nil {
		served = options.Decorate(handlers)
	}
	server := grpcserver.New(served, options.Limits)
	return &Runtime{options: options, sessions: sessions, calls: calls, server: server}, nil
}

// Serve serves on a socket until ctx ends; then it stops: it accepts no more work, gives the socket back, lets unary calls
// end within the drain limit, and ends all streams in the regular way (LIFE-8, LIFE-9). It fails where accepting
// connections fails, or the socket cannot be given back.
func (r *Runtime) Serve(ctx context.Context, listener Listener) error {
	logger := r.options.Logger
	logger.Info("listening", "path", listener.Path(), "version", r.options.Version, "mode", r.options.Mode)
	broken := make(chan error, 1)
	go func() { broken <- r.server.Serve(listener) }()
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-broken:
	}
	logger.Info("stopping", "drain", r.options.Limits.Drain.String())
	r.calls.Stop()
	if err := listener.Release(); failed == nil {
		failed = err
	}
	r.sessions.EndLiveStreams()
	r.calls.Wait(r.options.Limits.Drain)
	r.sessions.Close()
	r.shutDown()
	logger.Info("stopped")
	return failed
}

// shutDown lets what was written be sent, within a time, and ends all connections.
func (r *Runtime) shutDown() {
	timer := time.AfterFunc(lastWords, r.server.Stop)
	defer timer.Stop()
	r.server.GracefulStop()
}
