// Command mcp-runtime serves the MCP runtime contract on a Unix domain socket.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	goruntime "runtime"
	"syscall"

	"google.golang.org/grpc/grpclog"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/process"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtime"
)

// version is set by the linker where a release is built.
var version = "0.1.0"

const (
	exitFailed  = 1
	exitSetting = 2
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mcp-runtime:", err)
		os.Exit(exitCode(err))
	}
}

// errUsage: there is one command besides serving.
var errUsage = errors.New(`the only command is "health"; without one the runtime serves`)

func run(arguments []string) error {
	switch {
	case len(arguments) == 0:
		return serve()
	case len(arguments) == 1 && arguments[0] == "health":
		path, err := process.ReadSocketPath(os.Getenv)
		if err != nil {
			return err
		}
		return process.ProbeHealth(context.Background(), path)
	}
	return errUsage
}

// heapFloor is never written to, so that it takes no memory; but the garbage collector, which waits for the heap to double,
// counts it. The SDK leaves 64 KiB of garbage with each request: beside few sessions it would run all the time.
const heapFloor = 16 << 20

func serve() error {
	defer goruntime.KeepAlive(make([]byte, heapFloor))
	settings, err := process.ReadSettings(os.Getenv)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if os.Getenv("GRPC_GO_LOG_SEVERITY_LEVEL") == "" {
		// What the library has to say is no JSON: who wants to read it asks for it.
		grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	}
	logger := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: settings.LogLevel}))
	mcpRuntime, err := runtime.New(runtime.Options{
		Catalog:         settings.Catalog(),
		Mode:            settings.Mode,
		Version:         version,
		RefuseAnonymous: settings.RefuseAnonymous,
		Limits:          settings.Limits,
		Logger:          logger,
		Decorate:        decorate(),
	})
	if err != nil {
		return err
	}
	socket, err := process.Listen(settings.SocketPath)
	if err != nil {
		return err
	}
	return mcpRuntime.Serve(ctx, socket)
}

func exitCode(err error) int {
	if _, ok := errors.AsType[*process.SettingError](err); ok || errors.Is(err, errUsage) {
		return exitSetting
	}
	return exitFailed
}
