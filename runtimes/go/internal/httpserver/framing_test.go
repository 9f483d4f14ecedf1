package httpserver

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"
)

// recordedConn is a connection whose client has sent everything already.
type recordedConn struct {
	net.Conn
	io.Reader
}

func (c recordedConn) Read(p []byte) (int, error) { return c.Reader.Read(p) }

// framed returns the bytes that the server reads, and checks that the size of the received pieces does not matter.
func framed(t *testing.T, sent string) string {
	t.Helper()
	read := func(reader io.Reader) string {
		text, err := io.ReadAll(newRequestFraming(recordedConn{Reader: reader}, 1000))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	whole := read(strings.NewReader(sent))
	if pieces := read(iotest.OneByteReader(strings.NewReader(sent))); pieces != whole {
		t.Errorf("%q: at once: %q; byte by byte: %q", sent, whole, pieces)
	}
	return whole
}

const post = "POST /mcp HTTP/1.1\r\n"

func TestUnambiguousRequestsPass(t *testing.T) {
	health := "GET /health HTTP/1.1\r\n\r\n"
	for _, request := range []string{
		health,
		"\r\n" + health,
		post + "Content-Length: 2\r\n\r\n{}",
		post + "content-length:\t2 \r\n\r\n\r\n",
		post + "Content-Length: 0\r\n\r\n",
		post + "Content-Length: 7\r\n\r\nGET / \r",
		post + "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
		post + "Transfer-Encoding: chunked\r\n\r\n2\r\n\r\n\r\n0A ; x=\"y\"\r\n0123456789\r\n000\r\nContent-Length: 9\r\n\r\n",
		"POST /mcp HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}",
	} {
		if got := framed(t, request+health); got != request+health {
			t.Errorf("%q: got %q", request, got)
		}
	}
}

func TestAmbiguousRequestsAreCut(t *testing.T) {
	chunked := "Transfer-Encoding: chunked\r\n"
	for passed, rest := range map[string]string{
		post + "Content-Length: 2\r\n": "Content-Length: 2\r\n\r\n{}",
		post + "Content-Length: 3\r\n": chunked + "\r\n0\r\n\r\n",
		post + chunked:                 "Content-Length: 5\r\n\r\n0\r\n\r\n",
		post + chunked + "A: \r\n":     chunked + "\r\n",
		post + chunked + "\r\n":        "0x1\r\n",
		post + chunked + "\r\n1\r\na":  "b\r\n",
		post:                           " folded: 1\r\n\r\n",
		post + "A: 1\r\n":              "b\r\n",
		post + "A: 2\r\n":              "\tb\r\n",
		post + "A: 3\r\n":              ": b\r\n",
		post + "A: 4\r\n":              "Content-Length : 2\r\n",
		post + "A: 5\r\n":              "B: \rContent-Length: 2\r\n",
		post + "A: 6\r\n":              "B: \n\r\n",
		post + "A: 7\r\n":              "\n",
		"":                             "GET /health HTTP/1.1\n\n",
		"POST / HTTP/1.0\r\n":          chunked,
	} {
		if got := framed(t, passed+rest+"GET /health HTTP/1.1\r\n\r\n"); got != passed+malformed {
			t.Errorf("%q: got %q", passed+rest, got)
		}
	}
}

func TestInvalidLengthsAreCut(t *testing.T) {
	for _, length := range []string{"", "+1", "-1", "0x1", "1,1", "1 1", "1.0", "9223372036854775808", "one"} {
		if got := framed(t, post+"Content-Length: "+length+"\r\n\r\n{}"); got != post+malformed {
			t.Errorf("content-length %q: got %q", length, got)
		}
	}
	head := post + "Transfer-Encoding: chunked\r\n\r\n"
	for _, size := range []string{"", "+1", "-1", "0x1", " 1", "1 1", "8000000000000000", ";a", "g"} {
		if got := framed(t, head+size+"\r\n{}"); got != head+malformed {
			t.Errorf("chunk size %q: got %q", size, got)
		}
	}
	for _, coding := range []string{"", "gzip", "gzip, chunked", "chunked, chunked", "chunked;a=b", "xchunked", "identity"} {
		if got := framed(t, post+"Transfer-Encoding: "+coding+"\r\n\r\n"); got != post+malformed {
			t.Errorf("transfer-encoding %q: got %q", coding, got)
		}
	}
}

func TestLongLinesAreCut(t *testing.T) {
	long := strings.Repeat("a", 1001)
	if got := framed(t, post+"A: "+long); got != post+malformed {
		t.Errorf("header field: got %q", got)
	}
	head := post + "Transfer-Encoding: chunked\r\n\r\n"
	if got := framed(t, head+"1;"+strings.Repeat("a", maxChunkLineBytes)); got != head+malformed {
		t.Errorf("chunk extension: got %q", got)
	}
}

// FuzzRequestFraming checks that the server reads the same, regardless of the pieces in which the bytes arrive, and
// that nothing is added except for malformed and the escapes of percent signs.
func FuzzRequestFraming(f *testing.F) {
	f.Add([]byte(post + "Content-Length: 2\r\n\r\n{}" + post + "\r\n"))
	f.Add([]byte(post + "Transfer-Encoding: chunked\r\n\r\n2;a\r\n{}\r\n0\r\nA: b\r\n\r\n" + post))
	f.Add([]byte(post + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		got := framed(t, string(sent))
		unchanged := strings.TrimSuffix(got, malformed)
		if !bytes.ContainsRune(sent, '%') && !bytes.HasPrefix(sent, []byte(unchanged)) {
			t.Errorf("got %q for %q", got, sent)
		}
	})
}
