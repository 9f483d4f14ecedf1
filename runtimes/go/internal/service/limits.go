package service

import (
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/mcpserver"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/session"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// Limits are the limits of a runtime. Sizes are in bytes.
type Limits struct {
	// MaxBodyBytes limits the body of a request (LIMIT-2).
	MaxBodyBytes int
	// MaxEnvelopeBytes limits the total size of the other fields of a request message.
	MaxEnvelopeBytes int
	Sessions         session.Limits
	Streams          stream.Limits
	// MaxRequestsPerSession limits the in-flight requests of a session.
	MaxRequestsPerSession int
	Subscriptions         mcpserver.SubscriptionLimits
	// StreamHighWaterBytes limits the text pending for a reader. Above it, producers block (STREAM-11).
	StreamHighWaterBytes int
	// CollectedBytes limits the total size of the messages that precede the response to an Invoke.
	CollectedBytes int
	// ChunkBytes limits the data of a chunk.
	ChunkBytes int
	// KeepAlive is the interval of comments on an idle stream (STREAM-7).
	KeepAlive time.Duration
	// MaxListens limits the open subscriptions of MCP 2026-07-28.
	MaxListens int
	// MaxListensPerCaller limits the open subscriptions of one caller.
	MaxListensPerCaller int
	// HeadDelay is the time after which a stream of MCP 2026-07-28 begins although its request has not sent anything.
	HeadDelay time.Duration
	// StateLifetime is the lifetime of the request state of MCP 2026-07-28.
	StateLifetime time.Duration
	// Takeover is the maximum time that a call waits for the previous reader of its stream to end.
	Takeover time.Duration
	// Drain is the maximum time that a shutdown waits for unary calls (LIFE-9).
	Drain time.Duration
}

const mebibyte = 1 << 20

// DefaultLimits returns the default limits.
func DefaultLimits() Limits {
	return Limits{
		MaxBodyBytes:          4 * mebibyte,
		MaxEnvelopeBytes:      mebibyte,
		Sessions:              session.Limits{MaxSessions: 10_000, MaxSessionsPerCaller: 1000, Idle: 30 * time.Minute},
		Streams:               stream.Limits{ReplayEvents: 1024, ReplayBytes: 4 * mebibyte, BufferBytes: 8 * mebibyte},
		MaxRequestsPerSession: 1000,
		Subscriptions:         mcpserver.SubscriptionLimits{PerSession: 256, PerCaller: 4096, Total: 40_960, URIBytes: 8192},
		StreamHighWaterBytes:  256 << 10,
		CollectedBytes:        64 * mebibyte,
		ChunkBytes:            256 << 10,
		KeepAlive:             15 * time.Second,
		MaxListens:            1024,
		MaxListensPerCaller:   256,
		HeadDelay:             250 * time.Millisecond,
		StateLifetime:         10 * time.Minute,
		Takeover:              250 * time.Millisecond,
		Drain:                 5 * time.Second,
	}
}
