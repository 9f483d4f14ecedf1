package process

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
)

func environment(variables ...string) Environment {
	return func(name string) string {
		for _, variable := range variables {
			if value, ok := strings.CutPrefix(variable, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

func TestSettingsHaveDefaults(t *testing.T) {
	settings, err := ReadSettings(environment("MCP_RUNTIME_GRPC_UDS=/s", "MCP_RUNTIME_MODE="))
	if err != nil {
		t.Fatal(err)
	}
	if settings.Sockets != (SocketPaths{GRPC: "/s"}) || settings.Mode != "full" || settings.RefuseAnonymous ||
		settings.LogLevel != slog.LevelInfo || settings.Limits != service.DefaultLimits() {
		t.Errorf("got %+v", settings)
	}
	if len(settings.Catalog().Tools) == 0 {
		t.Error("the default catalog has no tools")
	}
}

func TestSettingsAreRead(t *testing.T) {
	settings, err := ReadSettings(environment("MCP_RUST_GRPC_UDS=/old", "MCP_RUNTIME_CATALOG=empty",
		"MCP_RUNTIME_ANONYMOUS=refuse", "MCP_RUNTIME_MODE=edge", "MCP_RUNTIME_LOG_LEVEL=silent",
		"MCP_RUNTIME_MAX_BODY_BYTES=10", "MCP_RUNTIME_MAX_SESSIONS=11", "MCP_RUNTIME_MAX_SESSIONS_PER_CALLER=9", "MCP_RUNTIME_SESSION_IDLE_MS=12",
		"MCP_RUNTIME_REPLAY_EVENTS=13", "MCP_RUNTIME_REPLAY_BYTES=14", "MCP_RUNTIME_STREAM_BUFFER_BYTES=15",
		"MCP_RUNTIME_KEEP_ALIVE_MS=16", "MCP_RUNTIME_DRAIN_MS=1000", "MCP_RUNTIME_REQUEST_STATE_KEY="+strings.Repeat("0aF9", 16)))
	if err != nil {
		t.Fatal(err)
	}
	want := service.DefaultLimits()
	want.MaxBodyBytes, want.Sessions.MaxSessions, want.Sessions.Idle = 10, 11, 12*time.Millisecond
	want.Sessions.MaxSessionsPerCaller = 9
	want.Streams.ReplayEvents, want.Streams.ReplayBytes, want.Streams.BufferBytes = 13, 14, 15
	want.KeepAlive, want.Drain = 16*time.Millisecond, time.Second
	if settings.Limits != want {
		t.Errorf("got %+v", settings.Limits)
	}
	if settings.Sockets.GRPC != "/old" || !settings.RefuseAnonymous || settings.Mode != "edge" || settings.LogLevel != Silent {
		t.Errorf("got %+v", settings)
	}
	if len(settings.StateSecret) != 32 || settings.StateSecret[1] != 0xf9 {
		t.Errorf("got the secret %x", settings.StateSecret)
	}
	if settings.Catalog().Tools != nil {
		t.Error("the empty catalog has tools")
	}
}

func TestReadSocketPaths(t *testing.T) {
	for want, variables := range map[SocketPaths][]string{
		{GRPC: "/new"}:              {"MCP_RUNTIME_GRPC_UDS=/new", "MCP_RUST_GRPC_UDS=/old", "MCP_RUNTIME_HTTP_UDS="},
		{GRPC: "/old"}:              {"MCP_RUNTIME_GRPC_UDS=", "MCP_RUST_GRPC_UDS=/old"},
		{HTTP: "/http"}:             {"MCP_RUNTIME_GRPC_UDS=", "MCP_RUNTIME_HTTP_UDS=/http"},
		{GRPC: "/s", HTTP: "/http"}: {"MCP_RUNTIME_GRPC_UDS=/s", "MCP_RUNTIME_HTTP_UDS=/http"},
	} {
		if got, err := ReadSocketPaths(environment(variables...)); got != want || err != nil {
			t.Errorf("%v: got %q, %v", variables, got, err)
		}
	}
}

func TestEqualSocketPathsAreRefused(t *testing.T) {
	for _, grpc := range []string{"MCP_RUNTIME_GRPC_UDS=/s", "MCP_RUST_GRPC_UDS=/s"} {
		_, err := ReadSettings(environment(grpc, "MCP_RUNTIME_HTTP_UDS=/s"))
		if _, ok := errors.AsType[*SettingError](err); !ok || !strings.HasPrefix(err.Error(), "MCP_RUNTIME_HTTP_UDS: ") {
			t.Errorf("got %v", err)
		}
	}
}

func TestInvalidSettingsAreRefused(t *testing.T) {
	for _, variable := range []string{
		"", "MCP_RUNTIME_CATALOG=other", "MCP_RUNTIME_ANONYMOUS=yes", "MCP_RUNTIME_MODE=FULL", "MCP_RUNTIME_LOG_LEVEL=trace",
		"MCP_RUNTIME_MAX_SESSIONS=0", "MCP_RUNTIME_MAX_SESSIONS=-1", "MCP_RUNTIME_MAX_SESSIONS=1.5",
		"MCP_RUNTIME_MAX_SESSIONS=1000000000", "MCP_RUNTIME_MAX_SESSIONS=+1", "MCP_RUNTIME_DRAIN_MS=999",
		"MCP_RUNTIME_REQUEST_STATE_KEY=" + strings.Repeat("00", 31), "MCP_RUNTIME_REQUEST_STATE_KEY=" + strings.Repeat("0g", 32),
	} {
		variables := []string{variable, "MCP_RUNTIME_GRPC_UDS=/s"}
		if variable == "" {
			variables = nil
		}
		_, err := ReadSettings(environment(variables...))
		name, _, _ := strings.Cut(variable, "=")
		if _, ok := errors.AsType[*SettingError](err); !ok || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("%q: got %v", variable, err)
		}
	}
}
