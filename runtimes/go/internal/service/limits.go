package service

import "time"

// Limits are the bounds of a runtime. Sizes are in bytes.
type Limits struct {
	// MaxBodyBytes is the largest request body (LIMIT-2).
	MaxBodyBytes int
	// MaxEnvelopeBytes is room for the other fields of a request message, beyond its body.
	MaxEnvelopeBytes int
	// MaxSessions is how many sessions there may be at a time (SESSION-10).
	MaxSessions int
	// SessionIdle is how long a session may be without use (SESSION-10).
	SessionIdle time.Duration
	// MaxRequestsPerSession is how many requests of one session may be under way.
	MaxRequestsPerSession int
	// MaxSubscriptions is how many resources a session may subscribe to.
	MaxSubscriptions int
	// ReplayEvents and ReplayBytes bound the messages that a session keeps for replay (RESUME-4).
	ReplayEvents int
	ReplayBytes  int
	// StreamBufferBytes is how much may wait for the slow reader of a stream before it is ended (STREAM-11).
	StreamBufferBytes int
	// StreamHighWaterBytes is how much may wait for a reader before producers that can wait do so (STREAM-11).
	StreamHighWaterBytes int
	// CollectedBytes is how large the messages that precede the response of one Invoke may be together.
	CollectedBytes int
	// ChunkBytes is the largest piece of a stream in one chunk.
	ChunkBytes int
	// KeepAlive is how often an idle stream says that it lives (STREAM-7).
	KeepAlive time.Duration
	// Takeover is how long a second live stream waits for the first one to be given up before it is refused.
	Takeover time.Duration
	// Drain is how long unary calls may go on after a stop (LIFE-9).
	Drain time.Duration
}

const mebibyte = 1 << 20

// DefaultLimits are the bounds of a runtime that was given none.
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
