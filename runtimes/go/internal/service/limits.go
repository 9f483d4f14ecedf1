package service

import "time"

// Limits bound a runtime. Sizes are in bytes.
type Limits struct {
	// MaxBodyBytes bounds the body of a request (LIMIT-2).
	MaxBodyBytes int
	// MaxEnvelopeBytes bounds the other fields of a request message together.
	MaxEnvelopeBytes int
	// MaxSessions bounds the number of sessions (SESSION-10).
	MaxSessions int
	// SessionIdle is how long an unused session lives (SESSION-10).
	SessionIdle time.Duration
	// MaxRequestsPerSession bounds the requests in flight of a session.
	MaxRequestsPerSession int
	// MaxSubscriptions bounds the resources that a session subscribes to.
	MaxSubscriptions int
	// ReplayEvents and ReplayBytes bound the messages that a session keeps for replay (RESUME-4).
	ReplayEvents int
	ReplayBytes  int
	// StreamBufferBytes is how much may wait for a slow reader before its call fails (STREAM-11).
	StreamBufferBytes int
	// StreamHighWaterBytes is how much may wait for a reader before producers block (STREAM-11).
	StreamHighWaterBytes int
	// CollectedBytes bounds the messages that precede the response of an Invoke.
	CollectedBytes int
	// ChunkBytes bounds the data of a chunk.
	ChunkBytes int
	// KeepAlive is the interval of comments on an idle stream (STREAM-7).
	KeepAlive time.Duration
	// Takeover is how long a call waits for the previous reader of its stream to leave.
	Takeover time.Duration
	// Drain is how long a stop waits for unary calls (LIFE-9).
	Drain time.Duration
}

const mebibyte = 1 << 20

// DefaultLimits returns the default limits.
func DefaultLimits() Limits {
	return Limits{
		MaxBodyBytes:          4 * mebibyte,
		MaxEnvelopeBytes:      mebibyte,
		MaxSessions:           10_000,
		SessionIdle:           30 * time.Minute,
		MaxRequestsPerSession: 1000,
		MaxSubscriptions:      256,
		ReplayEvents:          1024,
		ReplayBytes:           4 * mebibyte,
		StreamBufferBytes:     8 * mebibyte,
		StreamHighWaterBytes:  256 << 10,
		CollectedBytes:        64 * mebibyte,
		ChunkBytes:            256 << 10,
		KeepAlive:             15 * time.Second,
		Takeover:              250 * time.Millisecond,
		Drain:                 5 * time.Second,
	}
}
