// Package lifecycle assembles a runtime, serves it, and stops its parts in order.
package lifecycle

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/grpcserver"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpserver"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/mcpserver"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/modern"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/process"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/serving"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/session"
)

// capabilities are the optional parts of the contract that this runtime supports (HEALTH-4).
var capabilities = []string{"stream-head", "stream-post", "resume", "mcp-2026-07-28"}

// flushLimit is the time limit for sending the last responses after all work has ended.
const flushLimit = 500 * time.Millisecond

// Options configure a runtime.
type Options struct {
	Settings process.Settings
	Version  string
	Logger   *slog.Logger
	// Decorate, unless nil, wraps the implementation of the RPCs.
	Decorate func(runtimev1.McpRuntimeServer) runtimev1.McpRuntimeServer
}

// Runtime serves the contract.
type Runtime struct {
	options  Options
	sessions *session.Store
	modern   *modern.Server
	calls    *serving.Calls
	grpc     *grpcserver.Server
	http     *httpserver.Server
}

// New returns a runtime. It fails if the catalog is invalid.
func New(options Options) (*Runtime, error) {
	settings, limits := options.Settings, options.Settings.Limits
	entries := settings.Catalog()
	// A resource that changes has subscribers of both eras.
	var mcp *mcpserver.Server
	sessionless, err := modern.New(modern.Options{
		Catalog:                   entries.In(catalog.Sessionless),
		Version:                   options.Version,
		MaxSubscriptions:          limits.MaxListens,
		MaxSubscriptionsPerCaller: limits.MaxListensPerCaller,
		BufferBytes:               limits.Streams.BufferBytes,
		StateSecret:               settings.StateSecret,
		StateLifetime:             limits.StateLifetime,
		ResourceUpdated:           func(uri string) error { return mcp.ResourceUpdated(uri) },
		Logger:                    options.Logger,
	})
	if err != nil {
		return nil, err
	}
	mcp, err = mcpserver.New(mcpserver.Options{
		Catalog:         entries.In(catalog.Sessions),
		Version:         options.Version,
		Subscriptions:   limits.Subscriptions,
		ResourceUpdated: sessionless.ResourceUpdated,
		Logger:          options.Logger,
	})
	if err != nil {
		return nil, err
	}
	sessions := session.NewStore(limits.Sessions)
	calls := serving.New(serving.Options{
		Service: service.New(service.Options{
			Sessions: sessions, MCP: mcp, Modern: sessionless, Limits: limits, RefuseAnonymous: settings.RefuseAnonymous,
		}),
		Limits:       limits,
		Mode:         settings.Mode,
		Version:      options.Version,
		Capabilities: capabilities,
		Logger:       options.Logger,
	})
	var served runtimev1.McpRuntimeServer = &grpcserver.Handlers{Calls: calls, ChunkBytes: limits.ChunkBytes}
	if options.Decorate != nil {
		served = options.Decorate(served)
	}
	return &Runtime{
		options: options, sessions: sessions, modern: sessionless, calls: calls,
		grpc: grpcserver.New(served, limits, options.Logger),
		http: httpserver.New(calls, limits, options.Logger),
	}, nil
}

// Serve serves on its sockets until ctx ends. It then refuses new calls, releases the sockets, lets unary calls finish
// within the drain limit, and ends all streams with done (LIFE-8, LIFE-9). It fails if a socket stops accepting
// connections or cannot be released.
func (r *Runtime) Serve(ctx context.Context, sockets process.Sockets) error {
	logger, settings := r.options.Logger, r.options.Settings
	failed := make(chan error, 2)
	r.accept(sockets.HTTP, "http", r.http.Serve, failed)
	r.accept(sockets.GRPC, "grpc", r.grpc.Serve, failed)
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	logger.Info("stopping", "drain", settings.Limits.Drain.String())
	r.calls.Stop()
	if released := sockets.Release(); err == nil {
		err = released
	}
	r.sessions.EndLiveStreams()
	r.modern.EndSubscriptions()
	r.calls.Wait(settings.Limits.Drain)
	r.sessions.Close()
	r.modern.Close()
	var stopped sync.WaitGroup
	stopped.Go(func() { r.http.Stop(flushLimit) })
	stopped.Go(func() { r.grpc.Stop(flushLimit) })
	stopped.Wait()
	logger.Info("stopped")
	return err
}

// accept starts to serve a transport, unless its socket is nil.
func (r *Runtime) accept(socket *process.Socket, transport string, serve func(net.Listener) error, failed chan<- error) {
	if socket == nil {
		return
	}
	r.options.Logger.Info("listening", "transport", transport, "path", socket.Path(), "version", r.options.Version,
		"mode", r.options.Settings.Mode)
	go func() { failed <- serve(socket) }()
}
