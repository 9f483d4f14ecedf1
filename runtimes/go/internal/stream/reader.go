package stream

import (
	"context"
	"io"
	"sync"
)

// Reader represents a call that reads a stream. Producers write to it and block while it is full. The goroutine of the
// call takes the text and reports when the text is sent.
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

// NewReader returns a reader. Producers block while it contains more than highWater bytes (STREAM-11).
func NewReader(highWater int) *Reader {
	return &Reader{highWater: highWater, ready: make(chan struct{}, 1), closed: make(chan struct{})}
}

// Ready returns a channel that receives a value when Take has text, or when the stream has ended.
func (r *Reader) Ready() <-chan struct{} { return r.ready }

// Take returns the text written since the last Take. The text counts towards the limit until Sent is called. Take fails
// with io.EOF at the end of the stream, and with the cause if the stream failed (STREAM-5).
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

// Sent reports that the text from Take is sent.
func (r *Reader) Sent() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sending = 0
	r.makeRoom()
}

// Close closes the reader at the end of its call, and unblocks its producers.
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

// WriteLast writes the complete text of a stream, and ends it.
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

// pending returns the number of bytes that are not sent yet.
func (r *Reader) pending() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waiting) + r.sending
}

// finish ends the stream after the text written so far (STREAM-3).
func (r *Reader) finish() { r.stop(io.EOF) }

// stop ends the stream with an error. It drops the text that Take has not returned yet, unless the error is io.EOF.
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

// waitForRoom blocks until the reader has room, the reader ends, or ctx ends.
func (r *Reader) waitForRoom(ctx context.Context) {
	r.mu.Lock()
	if r.hasRoom() {
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

func (r *Reader) hasRoom() bool { return r.end != nil || len(r.waiting)+r.sending <= r.highWater }

func (r *Reader) makeRoom() {
	if r.room != nil && r.hasRoom() {
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
