package httpserver

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/serving"
)

// TestRefusalsOfNetHTTPHaveALength covers every kind of request that net/http refuses before it calls the handler.
func TestRefusalsOfNetHTTPHaveALength(t *testing.T) {
	logger := slog.New(slog.DiscardHandler)
	limits := service.DefaultLimits()
	limits.MaxEnvelopeBytes = 10_000
	server := New(serving.New(serving.Options{Logger: logger}), limits, logger)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener)
	defer server.Stop(0)
	host := "Host: runtime\r\n"
	manyFields := ""
	for range 10_000 {
		manyFields += "A: b\r\n"
	}
	for text, want := range map[string]int{
		"garbage\r\n\r\n": 400,
		"GET /health HTTP/1.1\r\n" + host + "Content-Length: x\r\n\r\n": 400,
		"GET /\x7f HTTP/1.1\r\n" + host + "\r\n":                        400,
		"GET /health HTTP/1.1\r\n\r\n":                                  400,
		"GET /health HTTP/1.1\r\n" + host + "A(: b\r\n\r\n":             400,
		"GET /health HTTP/1.1\r\n" + host + "A: \x01\r\n\r\n":           400,
		"GET /health HTTP/2.0\r\n" + host + "\r\n":                      505,
		"GET /health HTTP/1.1\r\n" + host + manyFields + "\r\n":         431,
		"GET /health HTTP/1.1\r\n" + host + "Expect: magic\r\n\r\n":     417,
	} {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		go io.WriteString(conn, text)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatalf("%.50q: %v", text, err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != want || response.ContentLength != int64(len(body)) || !response.Close {
			t.Errorf("%.50q: got %v, %v", text, response, err)
		}
		conn.Close()
	}
}
