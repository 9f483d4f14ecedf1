package httpserver

import (
	"bytes"
	"net"
	"slices"
	"strconv"
	"strings"
)

const (
	readBytes = 32 << 10
	// maxChunkLineBytes limits the line with the size of a chunk, including its extensions.
	maxChunkLineBytes = 4 << 10
	// malformed is neither a request line, nor a header field, nor a chunk. It makes net/http answer 400 to the request
	// that it reads, and close the connection.
	malformed = "!\r\n\r\n"
)

// requestFraming checks the framing of the requests on a connection, because net/http accepts framing that other
// implementations read differently: content-length together with transfer-encoding, repeated content-length, and lines
// that end in a bare LF (HTTP-9). Request smuggling depends on such differences. It replaces the first ambiguous line, and
// everything after it, with malformed.
type requestFraming struct {
	net.Conn
	maxHeadBytes int
	// received contains the bytes that have not been checked yet, because they are only a part of a line.
	received []byte
	ready    bytes.Buffer
	// passing is the number of bytes of the body or chunk that pass unchecked.
	passing int64
	next    lineKind
	head    head
	broken  bool
}

// lineKind is the kind of the next line.
type lineKind int

const (
	requestLine lineKind = iota
	fieldLine
	chunkLine
	chunkEnd
	trailerLine
)

// head contains the framing of a request. length is -1 without content-length.
type head struct {
	length    int64
	isChunked bool
	isHTTP10  bool
}

func newRequestFraming(conn net.Conn, maxHeadBytes int) *requestFraming {
	return &requestFraming{Conn: conn, maxHeadBytes: maxHeadBytes}
}

// Read reads checked bytes.
func (f *requestFraming) Read(p []byte) (int, error) {
	for f.ready.Len() == 0 {
		before := len(f.received)
		f.received = slices.Grow(f.received, readBytes)
		n, err := f.Conn.Read(f.received[before : before+readBytes])
		f.received = f.received[:before+n]
		if f.broken {
			f.received = f.received[:0]
		} else {
			f.check()
		}
		if err != nil && f.ready.Len() == 0 {
			return 0, err
		}
	}
	return f.ready.Read(p)
}

// CloseWrite lets net/http send its last response before it closes the connection.
func (f *requestFraming) CloseWrite() error {
	if conn, ok := f.Conn.(interface{ CloseWrite() error }); ok {
		return conn.CloseWrite()
	}
	return nil
}

// check moves the received bytes to ready, except for an incomplete line.
func (f *requestFraming) check() {
	rest := f.received
	for len(rest) > 0 {
		if f.passing > 0 {
			n := min(f.passing, int64(len(rest)))
			f.ready.Write(rest[:n])
			f.passing -= n
			rest = rest[n:]
			continue
		}
		end := bytes.IndexByte(rest, '\n')
		if end < 0 && len(rest) <= f.maxLineBytes() {
			break
		}
		isRequest := f.next == requestLine
		if end < 0 || !f.accepts(rest[:end+1]) {
			f.broken = true
			f.ready.WriteString(malformed)
			rest = nil
			break
		}
		line := rest[:end+1]
		if isRequest {
			line = withValidEscapes(line)
		}
		f.ready.Write(line)
		rest = rest[end+1:]
	}
	f.received = append(f.received[:0], rest...)
}

func (f *requestFraming) maxLineBytes() int {
	if f.next == chunkLine || f.next == chunkEnd {
		return maxChunkLineBytes
	}
	return f.maxHeadBytes
}

// accepts reads a line, which must end in CRLF and contain no other CR. It reports false if the line is ambiguous.
func (f *requestFraming) accepts(bytes []byte) bool {
	line, ok := strings.CutSuffix(string(bytes), "\r\n")
	if !ok || strings.ContainsRune(line, '\r') {
		return false
	}
	switch f.next {
	case requestLine:
		// A client may send an empty line before a request.
		if line != "" {
			f.head = head{length: -1, isHTTP10: strings.HasSuffix(line, " HTTP/1.0")}
			f.next = fieldLine
		}
		return true
	case fieldLine:
		if line == "" {
			f.body()
			return true
		}
		return f.head.field(line)
	case chunkLine:
		size, ok := chunkSize(line)
		f.passing, f.next = size, chunkEnd
		if size == 0 {
			f.next = trailerLine
		}
		return ok
	case chunkEnd:
		f.next = chunkLine
		return line == ""
	default:
		if line == "" {
			f.next = requestLine
		}
		return true
	}
}

// body begins the body of a request.
func (f *requestFraming) body() {
	f.next = requestLine
	if f.head.isChunked {
		f.next = chunkLine
	}
	f.passing = max(f.head.length, 0)
}

// field reads a header field. It reports false for ambiguous framing.
func (h *head) field(line string) bool {
	name, value, found := strings.Cut(line, ":")
	if !found || name == "" || strings.ContainsAny(name, " \t") {
		return false
	}
	value = strings.Trim(value, " \t")
	switch strings.ToLower(name) {
	case "content-length":
		length, ok := digits(value, 10)
		if !ok || h.length >= 0 || h.isChunked {
			return false
		}
		h.length = length
	case "transfer-encoding":
		if !strings.EqualFold(value, "chunked") || h.length >= 0 || h.isChunked || h.isHTTP10 {
			return false
		}
		h.isChunked = true
	}
	return true
}

// chunkSize reads the size of a chunk, which extensions may follow.
func chunkSize(line string) (int64, bool) {
	size, _, _ := strings.Cut(line, ";")
	return digits(strings.TrimRight(size, " \t"), 16)
}

// digits reads a number without a sign. It reports false for anything else, and for a number that is too large.
func digits(text string, base int) (int64, bool) {
	number, err := strconv.ParseUint(text, base, 63)
	return int64(number), err == nil
}
