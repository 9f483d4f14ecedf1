package grpcserver

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"slices"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const (
	frameHeadBytes = 9
	// maxFrameBytes is the maximum payload of a frame, as long as the server does not announce another one.
	maxFrameBytes = 16 << 10
	// maxHeaderBlockBytes limits the header block of a call, which is read as a whole.
	maxHeaderBlockBytes = 1 << 20
	readBytes           = 32 << 10
)

var errHeaders = errors.New("grpcserver: a client sent an invalid header block")

// clientFrames changes the frames that a client sends, because grpc-go does not accept all that the contract permits.
// grpc-go ends a connection whose client ends a call with trailer fields (RPC-22). Here, they become the end of the
// call.
//
// Dropping a header block would change the compression of the later ones (RFC 7541), so all blocks are encoded anew.
type clientFrames struct {
	net.Conn
	received []byte
	ready    bytes.Buffer
	// passing is the number of bytes of the current frame that pass unchanged. The connection preface counts as a frame.
	passing int
	decoder *hpack.Decoder
	encoder *hpack.Encoder
	encoded bytes.Buffer
	// lastStream is the highest stream of a call so far.
	lastStream uint32
	// The header block that is being read, without its last frame.
	block struct {
		open      bool
		stream    uint32
		endStream bool
		fields    []byte
	}
}

func newClientFrames(conn net.Conn) *clientFrames {
	c := &clientFrames{Conn: conn, passing: len(http2.ClientPreface), decoder: hpack.NewDecoder(4096, nil)}
	c.encoder = hpack.NewEncoder(&c.encoded)
	return c
}

// Read reads the frames for the server.
func (c *clientFrames) Read(p []byte) (int, error) {
	for c.ready.Len() == 0 {
		before := len(c.received)
		c.received = slices.Grow(c.received, readBytes)
		n, err := c.Conn.Read(c.received[before : before+readBytes])
		c.received = c.received[:before+n]
		if filtered := c.filter(); filtered != nil {
			return 0, filtered
		}
		if err != nil && c.ready.Len() == 0 {
			return 0, err
		}
	}
	return c.ready.Read(p)
}

// filter moves the received bytes to the server as far as possible.
func (c *clientFrames) filter() error {
	rest := c.received
	for len(rest) > 0 {
		if c.passing > 0 {
			n := min(c.passing, len(rest))
			c.ready.Write(rest[:n])
			c.passing -= n
			rest = rest[n:]
			continue
		}
		if len(rest) < frameHeadBytes {
			break
		}
		length := int(rest[0])<<16 | int(rest[1])<<8 | int(rest[2])
		kind := http2.FrameType(rest[3])
		if kind != http2.FrameHeaders && kind != http2.FrameContinuation {
			c.passing = frameHeadBytes + length
			continue
		}
		if length > maxHeaderBlockBytes {
			return errHeaders
		}
		if len(rest) < frameHeadBytes+length {
			break
		}
		stream := binary.BigEndian.Uint32(rest[5:]) & (1<<31 - 1)
		if err := c.headers(kind, http2.Flags(rest[4]), stream, rest[frameHeadBytes:frameHeadBytes+length]); err != nil {
			return err
		}
		rest = rest[frameHeadBytes+length:]
	}
	c.received = append(c.received[:0], rest...)
	return nil
}

// headers reads a HEADERS or CONTINUATION frame.
func (c *clientFrames) headers(kind http2.FrameType, flags http2.Flags, stream uint32, payload []byte) error {
	block := &c.block
	if (kind == http2.FrameContinuation) != block.open || block.open && stream != block.stream {
		return errHeaders
	}
	if kind == http2.FrameHeaders {
		fields, ok := withoutPadding(flags, payload)
		if !ok {
			return errHeaders
		}
		payload = fields
		block.open, block.stream = true, stream
		block.endStream = flags.Has(http2.FlagHeadersEndStream)
		block.fields = block.fields[:0]
	}
	block.fields = append(block.fields, payload...)
	if len(block.fields) > maxHeaderBlockBytes {
		return errHeaders
	}
	if !flags.Has(http2.FlagHeadersEndHeaders) {
		return nil
	}
	block.open = false
	fields, err := c.decoder.DecodeFull(block.fields)
	if err != nil {
		return errHeaders
	}
	if stream <= c.lastStream {
		if block.endStream {
			c.write(http2.FrameData, http2.FlagDataEndStream, nil)
		}
		return nil
	}
	c.lastStream = stream
	c.request(fields)
	return nil
}

// request writes the header block of a call.
func (c *clientFrames) request(fields []hpack.HeaderField) {
	c.encoded.Reset()
	for _, field := range fields {
		// Writing to a buffer does not fail.
		_ = c.encoder.WriteField(field)
	}
	kind, flags := http2.FrameHeaders, http2.Flags(0)
	if c.block.endStream {
		flags |= http2.FlagHeadersEndStream
	}
	for encoded := c.encoded.Bytes(); ; kind, flags = http2.FrameContinuation, 0 {
		part := encoded[:min(len(encoded), maxFrameBytes)]
		encoded = encoded[len(part):]
		if len(encoded) == 0 {
			c.write(kind, flags|http2.FlagHeadersEndHeaders, part)
			return
		}
		c.write(kind, flags, part)
	}
}

// write writes a frame of the stream whose header block was read.
func (c *clientFrames) write(kind http2.FrameType, flags http2.Flags, payload []byte) {
	var head [frameHeadBytes]byte
	binary.BigEndian.PutUint32(head[:4], uint32(len(payload))<<8|uint32(kind))
	head[4] = byte(flags)
	binary.BigEndian.PutUint32(head[5:], c.block.stream)
	c.ready.Write(head[:])
	c.ready.Write(payload)
}

// withoutPadding returns the header block in a HEADERS frame, without padding and priority.
func withoutPadding(flags http2.Flags, payload []byte) ([]byte, bool) {
	padding := 0
	if flags.Has(http2.FlagHeadersPadded) {
		if len(payload) == 0 {
			return nil, false
		}
		padding, payload = int(payload[0]), payload[1:]
	}
	if flags.Has(http2.FlagHeadersPriority) {
		if len(payload) < 5 {
			return nil, false
		}
		payload = payload[5:]
	}
	if padding > len(payload) {
		return nil, false
	}
	return payload[:len(payload)-padding], true
}
