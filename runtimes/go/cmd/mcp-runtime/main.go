// Command mcp-runtime serves the MCP runtime contract on Unix domain sockets.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"google.golang.org/grpc/grpclog"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/lifecycle"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/process"
)

// version is set by the linker in release builds.
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

var errUsage = errors.New(`invalid arguments: use "health", or no arguments to serve`)

func run(arguments []string) error {
	switch {
	case len(arguments) == 0:
		return serve()
	case len(arguments) == 1 && arguments[0] == "health":
		paths, err := process.ReadSocketPaths(os.Getenv)
		if err != nil {
			return err
		}
		return process.ProbeHealth(context.Background(), paths)
	}
	return errUsage
}

// heapBallast makes garbage collections less frequent. A collection runs whenever the heap has doubled, and the SDK
// leaves 64 KiB of garbage per request, so a small heap would be collected constantly. The ballast is never written, so
// it does not become resident.
const heapBallast = 32 << 20

func serve() error {
	defer runtime.KeepAlive(make([]byte, heapBallast))
	settings, err := process.ReadSettings(os.Getenv)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if os.Getenv("GRPC_GO_LOG_SEVERITY_LEVEL") == "" {
		// grpc-go logs plain text, which would break the JSON log.
		grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	}
	server, err := lifecycle.New(lifecycle.Options{
		Settings: settings,
		Version:  version,
		Logger:   slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: settings.LogLevel})),
		Decorate: decorate(),
	})
	if err != nil {
		return err
	}
	sockets, err := process.ListenAll(settings.Sockets)
	if err != nil {
		return err
	}
	return server.Serve(ctx, sockets)
}

func exitCode(err error) int {
	if _, ok := errors.AsType[*process.SettingError](err); ok || errors.Is(err, errUsage) {
		return exitSetting
	}
	return exitFailed
}
