package httpserver

import (
	"bytes"
	"fmt"
)

const (
	responseStart = "HTTP/1.1 "
	// refusalFields are the header fields of the responses with which net/http refuses a request that it cannot read.
	refusalFields = "Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
)

// Write writes a response. net/http writes its own refusals without content-length, each with one call. Write adds the
// length (HTTP-5). It recognizes these refusals by their header fields, because other responses have more of them.
func (f *requestFraming) Write(p []byte) (int, error) {
	if !bytes.HasPrefix(p, []byte(responseStart)) {
		return f.Conn.Write(p)
	}
	statusLine, rest, _ := bytes.Cut(p, []byte("\r\n"))
	body, isRefusal := bytes.CutPrefix(rest, []byte(refusalFields))
	if !isRefusal {
		return f.Conn.Write(p)
	}
	refusal := fmt.Appendf(nil, "%s\r\nContent-Length: %d\r\n%s%s", statusLine, len(body), refusalFields, body)
	if _, err := f.Conn.Write(refusal); err != nil {
		return 0, err
	}
	return len(p), nil
}
