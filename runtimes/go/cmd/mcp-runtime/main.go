// Command mcp-runtime serves the MCP runtime contract on a Unix domain socket.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

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

func serve() error {
	settings, err := process.ReadSettings(os.Getenv)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
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
