package grpcserver

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"golang.org/x/net/http2"
)

// FuzzClientFrames checks that the server reads the same frames, regardless of the pieces in which they arrive, and that
// every frame of a header block stays one.
func FuzzClientFrames(f *testing.F) {
	c := newClient()
	c.WriteSettings()
	c.WriteHeaders(http2.HeadersFrameParam{
		StreamID: 1, BlockFragment: c.fields(":method", "POST", ":path", "/x", "te", "trailers"), EndHeaders: true, PadLength: 3,
	})
	c.WriteData(1, false, []byte("data"))
	c.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: c.fields("a", "b"), EndStream: true, EndHeaders: true})
	f.Add(c.sent.Bytes()[len(http2.ClientPreface):])
	f.Add([]byte{0, 0, 1, 1, 8, 0, 0, 0, 1, 9})
	f.Add([]byte{0, 0, 0, 9, 4, 0, 0, 0, 1})
	f.Add([]byte{255, 255, 255, 1, 0, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, frames []byte) {
		sent := append([]byte(http2.ClientPreface), frames...)
		read := func(reader io.Reader) ([]byte, error) {
			return io.ReadAll(newClientFrames(recordedConn{Reader: reader}))
		}
		whole, wholeErr := read(bytes.NewReader(sent))
		pieces, piecesErr := read(iotest.OneByteReader(bytes.NewReader(sent)))
		if (wholeErr == nil) != (piecesErr == nil) {
			t.Fatalf("at once: %v; byte by byte: %v", wholeErr, piecesErr)
		}
		if wholeErr == nil && !bytes.Equal(whole, pieces) {
			t.Fatalf("at once: %x; byte by byte: %x", whole, pieces)
		}
		if wholeErr == nil && !bytes.HasPrefix(whole, []byte(http2.ClientPreface)) {
			t.Fatalf("the preface is missing: %x", whole)
		}
	})
}
