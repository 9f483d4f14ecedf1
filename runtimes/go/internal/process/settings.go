package process

import (
	"encoding/hex"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
)

// SettingError is the error for an invalid environment variable. Its one-line message lists the valid values.
type SettingError struct{ message string }

func (e *SettingError) Error() string { return e.message }

// Settings are the settings that a runtime reads from the environment.
type Settings struct {
	Sockets         SocketPaths
	Catalog         func() *catalog.Catalog
	RefuseAnonymous bool
	Mode            string
	// LogLevel is the lowest level to log. Silent disables the log.
	LogLevel slog.Level
	// StateSecret protects request state of MCP 2026-07-28, and may be shared by several runtimes. Nil: a random secret.
	StateSecret []byte
	Limits      service.Limits
}

// Silent is a level above all others.
const Silent = slog.Level(100)

// Environment returns the value of a variable, or "" if it is unset (LIFE-2).
type Environment func(name string) string

// SocketPaths are the paths of the sockets. The runtime does not serve a transport whose path is "".
type SocketPaths struct{ GRPC, HTTP string }

// ReadSocketPaths reads the path for gRPC from MCP_RUNTIME_GRPC_UDS, or else MCP_RUST_GRPC_UDS (LIFE-2), and the path
// for HTTP from MCP_RUNTIME_HTTP_UDS (HTTP-1). It fails with a SettingError if all are unset, or both paths are equal.
func ReadSocketPaths(environment Environment) (SocketPaths, error) {
	paths := SocketPaths{GRPC: environment("MCP_RUNTIME_GRPC_UDS"), HTTP: environment("MCP_RUNTIME_HTTP_UDS")}
	if paths.GRPC == "" {
		paths.GRPC = environment("MCP_RUST_GRPC_UDS")
	}
	switch {
	case paths == SocketPaths{}:
		return paths, &SettingError{
			"MCP_RUNTIME_GRPC_UDS, MCP_RUNTIME_HTTP_UDS: at least one must be set to the path of a socket",
		}
	case paths.GRPC == paths.HTTP:
		return paths, &SettingError{"MCP_RUNTIME_HTTP_UDS: must differ from the path of the socket for gRPC"}
	}
	return paths, nil
}

// ReadSettings reads all settings. It fails with a SettingError.
func ReadSettings(environment Environment) (Settings, error) {
	paths, err := ReadSocketPaths(environment)
	if err != nil {
		return Settings{}, err
	}
	settings := Settings{Sockets: paths, Limits: service.DefaultLimits()}
	reader := reader{environment: environment}
	settings.Catalog = catalogs[reader.oneOf("MCP_RUNTIME_CATALOG", "conformance", "empty")]
	settings.RefuseAnonymous = reader.oneOf("MCP_RUNTIME_ANONYMOUS", "isolate", "refuse") == "refuse"
	settings.Mode = reader.oneOf("MCP_RUNTIME_MODE", "full", "edge", "shadow", "off")
	settings.LogLevel = logLevels[reader.oneOf("MCP_RUNTIME_LOG_LEVEL", "info", "debug", "warn", "error", "silent")]
	settings.StateSecret = reader.secret("MCP_RUNTIME_REQUEST_STATE_KEY", 32)
	limits := &settings.Limits
	reader.count("MCP_RUNTIME_MAX_BODY_BYTES", &limits.MaxBodyBytes)
	reader.count("MCP_RUNTIME_MAX_SESSIONS", &limits.Sessions.MaxSessions)
	reader.count("MCP_RUNTIME_MAX_SESSIONS_PER_CALLER", &limits.Sessions.MaxSessionsPerCaller)
	reader.milliseconds("MCP_RUNTIME_SESSION_IDLE_MS", &limits.Sessions.Idle, 1)
	reader.count("MCP_RUNTIME_REPLAY_EVENTS", &limits.Streams.ReplayEvents)
	reader.count("MCP_RUNTIME_REPLAY_BYTES", &limits.Streams.ReplayBytes)
	reader.count("MCP_RUNTIME_STREAM_BUFFER_BYTES", &limits.Streams.BufferBytes)
	reader.milliseconds("MCP_RUNTIME_KEEP_ALIVE_MS", &limits.KeepAlive, 1)
	reader.milliseconds("MCP_RUNTIME_DRAIN_MS", &limits.Drain, 1000)
	return settings, reader.err
}

var catalogs = map[string]func() *catalog.Catalog{"conformance": catalog.Conformance, "empty": catalog.Empty}

var logLevels = map[string]slog.Level{
	"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError, "silent": Silent,
}

// reader reads variables and keeps the first error.
type reader struct {
	environment Environment
	err         error
}

func (r *reader) fail(format string, values ...any) {
	if r.err == nil {
		r.err = &SettingError{fmt.Sprintf(format, values...)}
	}
}

// oneOf reads a variable that must have one of these values. The first value is the default.
func (r *reader) oneOf(name string, values ...string) string {
	value := r.environment(name)
	if value == "" {
		return values[0]
	}
	if !slices.Contains(values, value) {
		r.fail("%s: must be one of %s", name, strings.Join(values, ", "))
		return values[0]
	}
	return value
}

// secret reads bytes in hexadecimal. It returns nil for an unset variable.
func (r *reader) secret(name string, minimum int) []byte {
	value := r.environment(name)
	if value == "" {
		return nil
	}
	secret, err := hex.DecodeString(value)
	if err != nil || len(secret) < minimum {
		r.fail("%s: must be at least %d bytes in hexadecimal", name, minimum)
	}
	return secret
}

func (r *reader) number(name string, fallback, minimum int) int {
	value := r.environment(name)
	if value == "" {
		return fallback
	}
	number, err := strconv.ParseUint(value, 10, 32)
	if err != nil || int(number) < minimum || len(value) > 9 {
		r.fail("%s: must be a whole number from %d to 999999999", name, minimum)
		return fallback
	}
	return int(number)
}

func (r *reader) count(name string, limit *int) { *limit = r.number(name, *limit, 1) }

func (r *reader) milliseconds(name string, limit *time.Duration, minimum int) {
	*limit = time.Duration(r.number(name, int(limit.Milliseconds()), minimum)) * time.Millisecond
}
