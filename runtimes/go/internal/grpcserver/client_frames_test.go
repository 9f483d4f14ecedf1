package grpcserver

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// recordedConn is a connection that only sends recorded bytes.
type recordedConn struct {
	net.Conn
	io.Reader
}

func (c recordedConn) Read(p []byte) (int, error) { return c.Reader.Read(p) }

// client writes the frames of a client.
type client struct {
	*http2.Framer
	sent, block bytes.Buffer
	encoder     *hpack.Encoder
}

func newClient() *client {
	c := new(client)
	c.sent.WriteString(http2.ClientPreface)
	c.Framer = http2.NewFramer(&c.sent, nil)
	c.encoder = hpack.NewEncoder(&c.block)
	return c
}

// fields encodes header fields.
func (c *client) fields(pairs ...string) []byte {
	c.block.Reset()
	for i := 0; i < len(pairs); i += 2 {
		c.encoder.WriteField(hpack.HeaderField{Name: pairs[i], Value: pairs[i+1]})
	}
	return bytes.Clone(c.block.Bytes())
}

// served returns what the server reads: a line for each frame.
func served(t *testing.T, sent io.Reader) (string, error) {
	t.Helper()
	read, failure := io.ReadAll(newClientFrames(recordedConn{Reader: sent}))
	if failure != nil {
		return "", failure
	}
	rest, ok := bytes.CutPrefix(read, []byte(http2.ClientPreface))
	if !ok {
		t.Fatalf("no preface: %q", read)
	}
	framer := http2.NewFramer(nil, bytes.NewReader(rest))
	framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	var lines strings.Builder
	for {
		frame, err := framer.ReadFrame()
		if errors.Is(err, io.EOF) {
			return lines.String(), nil
		}
		if err != nil {
			t.Fatal(err)
		}
		switch frame := frame.(type) {
		case *http2.MetaHeadersFrame:
			for _, field := range frame.Fields {
				lines.WriteString(field.Name + ": " + field.Value[:min(9, len(field.Value))] + ", ")
			}
			lines.WriteString(endOf(frame.StreamEnded()))
		case *http2.DataFrame:
			lines.WriteString(string(frame.Data()) + endOf(frame.StreamEnded()))
		default:
			lines.WriteString(frame.Header().Type.String() + "\n")
		}
	}
}

func endOf(ended bool) string {
	if ended {
		return " end\n"
	}
	return "\n"
}

func TestTrailersOfARequestBecomeItsEnd(t *testing.T) {
	c := newClient()
	c.WriteSettings()
	call := func(stream uint32) {
		block := c.fields(":path", "/a", "x-same", "value")
		c.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block[:1], PadLength: 7,
			Priority: http2.PriorityParam{Weight: 3}})
		c.WriteContinuation(stream, false, block[1:2])
		c.WriteContinuation(stream, true, block[2:])
		c.WriteData(stream, false, []byte("message"))
	}
	call(1)
	call(3)
	// The encoder remembers the fields, also for the next call.
	c.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: c.fields("x-last", "trailer"), EndHeaders: true, EndStream: true})
	c.WriteHeaders(http2.HeadersFrameParam{
		StreamID: 5, BlockFragment: c.fields(":path", "/b", "x-last", "trailer"), EndHeaders: true, EndStream: true})
	c.WriteHeaders(http2.HeadersFrameParam{
		StreamID: 7, BlockFragment: c.fields(":path", "/c", "x-long", strings.Repeat("~", 40_000)), EndHeaders: true})
	c.WritePing(false, [8]byte{})
	const want = "SETTINGS\n" +
		":path: /a, x-same: value, \nmessage\n:path: /a, x-same: value, \nmessage\n" +
		" end\n:path: /b, x-last: trailer,  end\n:path: /c, x-long: ~~~~~~~~~, \nPING\n"
	for name, sent := range map[string]io.Reader{
		"at once": bytes.NewReader(c.sent.Bytes()), "byte by byte": iotest.OneByteReader(bytes.NewReader(c.sent.Bytes())),
	} {
		if got, err := served(t, sent); got != want || err != nil {
			t.Errorf("%s: got %v\n%s", name, err, got)
		}
	}
}

func TestInvalidHeaderBlocksEndTheConnection(t *testing.T) {
	for name, write := range map[string]func(*client){
		"a CONTINUATION without HEADERS": func(c *client) { c.AllowIllegalWrites = true; c.WriteContinuation(1, true, nil) },
		"HEADERS within a block": func(c *client) {
			for range 2 {
				c.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: c.fields(":path", "/a")})
			}
		},
		"an unknown index": func(c *client) {
			c.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0xff, 0x70}, EndHeaders: true})
		},
		"more padding than payload": func(c *client) {
			c.WriteRawFrame(http2.FrameHeaders, http2.FlagHeadersPadded|http2.FlagHeadersEndHeaders, 1, []byte{9, 0x82})
		},
		"a priority that is cut": func(c *client) {
			c.WriteRawFrame(http2.FrameHeaders, http2.FlagHeadersPriority, 1, []byte{0, 0})
		},
		"an endless block": func(c *client) {
			c.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x82}})
			for range 100 {
				c.WriteContinuation(1, false, make([]byte, 16<<10))
			}
		},
	} {
		c := newClient()
		write(c)
		if got, err := served(t, &c.sent); !errors.Is(err, errHeaders) {
			t.Errorf("%s: got %v\n%s", name, err, got)
		}
	}
}
