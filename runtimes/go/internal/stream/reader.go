package stream

import (
	"context"
	"io"
	"sync"
)

// Reader is an open call that reads a stream. Producers write to it and wait while it is full; one goroutine, that of the
// call, takes what was written and says when it has been sent.
type Reader struct {
	highWater int
	ready     chan struct{}
	closed    chan struct{}

	mu      sync.Mutex
	waiting []byte
	sending int
	room    chan struct{}
	end     error
}

// NewReader makes a reader for which producers wait once it holds more than highWater bytes (STREAM-11).
func NewReader(highWater int) *Reader {
	return &Reader{highWater: highWater, ready: make(chan struct{}, 1), closed: make(chan struct{})}
}

// Ready gets a value when Take has something to say.
func (r *Reader) Ready() <-chan struct{} { return r.ready }

// Take is all that was written since it was called last, and is being sent until Sent is called. It fails with io.EOF
// after the end of the stream, and with what broke it otherwise (STREAM-5).
func (r *Reader) Take() ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) == 0 {
		return nil, r.end
	}
	text := r.waiting
	r.waiting, r.sending = nil, len(text)
	if r.end != nil {
		r.wake()
	}
	return text, nil
}

// Sent says that what Take returned is on its way.
func (r *Reader) Sent() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sending = 0
	r.makeRoom()
}

// Close says that the call is over. Nobody waits for it any more.
func (r *Reader) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.closed:
		return
	default:
	}
	close(r.closed)
	r.waiting, r.sending = nil, 0
	if r.end == nil {
		r.end = context.Canceled
	}
	r.makeRoom()
}

// WriteLast gives the reader the whole text of a stream that is over.
func (r *Reader) WriteLast(text []byte) {
	r.mu.Lock()
	r.waiting = text
	r.mu.Unlock()
	r.finish()
}

func (r *Reader) write(e event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.end != nil {
		return
	}
	r.waiting = e.appendTo(r.waiting)
	r.wake()
}

// pending is how many bytes the reader has not taken yet.
func (r *Reader) pending() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waiting) + r.sending
}

// finish ends the stream in the regular way, after what was written (STREAM-3).
func (r *Reader) finish() { r.stop(io.EOF) }

// fail breaks the stream; what was not taken yet is dropped.
func (r *Reader) fail(err error) { r.stop(err) }

func (r *Reader) stop(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.end != nil {
		return
	}
	r.end = err
	if err != io.EOF {
		r.waiting = nil
	}
	r.makeRoom()
	r.wake()
}

// waitForRoom returns when the reader has room for more, has ended, or ctx has.
func (r *Reader) waitForRoom(ctx context.Context) {
	r.mu.Lock()
	if r.end != nil || len(r.waiting)+r.sending <= r.highWater {
		r.mu.Unlock()
		return
	}
	if r.room == nil {
		r.room = make(chan struct{})
	}
	room := r.room
	r.mu.Unlock()
	select {
	case <-room:
	case <-ctx.Done():
	}
}

func (r *Reader) makeRoom() {
	if r.room != nil && (r.end != nil || len(r.waiting)+r.sending <= r.highWater) {
		close(r.room)
		r.room = nil
	}
}

func (r *Reader) wake() {
	select {
	case r.ready <- struct{}{}:
	default:
	}
}
