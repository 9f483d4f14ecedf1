package lifecycle

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/process"
)

// httpClient returns a client with its own connections to the HTTP socket.
func (s *served) httpClient() *http.Client {
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", s.paths.HTTP)
	}}
	s.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// fields are the header fields of a request.
type fields map[string]string

func (f fields) with(name, value string) fields {
	changed := fields{name: value}
	for name, value := range f {
		if _, exists := changed[name]; !exists {
			changed[name] = value
		}
	}
	return changed
}

// send sends a request, and returns the response with its body still unread.
func (s *served) send(ctx context.Context, client *http.Client, method string, headers fields, body string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://runtime/mcp", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	return client.Do(request)
}

// answered sends a request, and returns the status and the whole body of its response.
func (s *served) answered(client *http.Client, method string, headers fields, body string) (int, string) {
	s.t.Helper()
	response, err := s.send(s.context(), client, method, headers, body)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

const ping = `{"jsonrpc":"2.0","id":1,"method":"ping"}`

func TestHTTPHealth(t *testing.T) {
	runtime := serve(t, nil)
	response, err := runtime.httpClient().Get("http://runtime/health")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var health struct {
		Status, Mode, Version string
		Capabilities          []string
	}
	if err := json.NewDecoder(response.Body).Decode(&health); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != 200 || response.Header.Get("content-type") != "application/json" ||
		health.Status != "ok" || health.Mode != "full" || health.Version != "1.2.3" || !slices.Equal(health.Capabilities, capabilities) {
		t.Errorf("got %v, %+v", response, health)
	}
}

func TestASessionBelongsToBothTransports(t *testing.T) {
	runtime := serve(t, nil)
	client := runtime.httpClient()
	session := fields{"mcp-session-id": runtime.session()}
	if status, body := runtime.answered(client, "POST", session, ping); status != 200 || !strings.Contains(body, `"result":{}`) {
		t.Errorf("got %d %s", status, body)
	}
	for want, headers := range map[int]fields{
		400: {},
		401: session.with("x-contextforge-auth-context", "!"),
		403: session.with("x-contextforge-server-id", "other"),
		404: {"mcp-session-id": "unknown"},
	} {
		for _, stream := range []string{"application/json", "text/event-stream"} {
			status, body := runtime.answered(client, "POST", headers.with("accept", stream), ping)
			if status != want || !strings.Contains(body, `"error":`) {
				t.Errorf("POST, %s: got %d %s, want %d", stream, status, body, want)
			}
		}
		if status, body := runtime.answered(client, "GET", headers, ""); status != want || !strings.Contains(body, `"error":`) {
			t.Errorf("GET: got %d %s, want %d", status, body, want)
		}
	}
	if status, body := runtime.answered(client, "DELETE", session, ""); status != 204 || body != "" {
		t.Errorf("DELETE: got %d %s", status, body)
	}
	if got := runtime.invoke(session["mcp-session-id"], ping).GetStatus(); got != 404 {
		t.Errorf("gRPC, after the session was closed over HTTP: got %d", got)
	}
}

func TestOtherMethodsAreNotAllowed(t *testing.T) {
	runtime := serve(t, nil)
	for _, method := range []string{"PUT", "HEAD", "OPTIONS", "post"} {
		response, err := runtime.send(runtime.context(), runtime.httpClient(), method, nil, "")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != 405 || response.Header.Get("allow") == "" {
			t.Errorf("%s: got %v", method, response)
		}
	}
}

func TestAnHTTPStreamEndsWithItsResponse(t *testing.T) {
	runtime := serve(t, nil)
	stream := fields{"mcp-session-id": runtime.session(), "accept": "application/json, text/event-stream"}
	client := runtime.httpClient()
	status, body := runtime.answered(client, "POST", stream, tool("conformance_echo", `{"text":"hello"}`))
	if status != 200 || !strings.HasPrefix(body, "id: ") || !strings.Contains(body, "hello") {
		t.Errorf("got %d %s", status, body)
	}
	notification := `{"jsonrpc":"2.0","method":"notifications/initialized"}`
	if status, body := runtime.answered(client, "POST", stream, notification); status != 202 || body != "" {
		t.Errorf("got %d %s", status, body)
	}
}

func TestAClosedHTTPConnectionCancelsItsCall(t *testing.T) {
	runtime := serve(t, nil)
	session := runtime.session()
	for _, accept := range []string{"application/json", "text/event-stream"} {
		ctx, cancel := context.WithCancel(runtime.context())
		go func() {
			headers := fields{"mcp-session-id": session, "accept": accept}
			body := tool("conformance_wait", fmt.Sprintf(`{"key":%q}`, accept))
			if response, err := runtime.send(ctx, runtime.httpClient(), "POST", headers, body); err == nil {
				io.Copy(io.Discard, response.Body)
				response.Body.Close()
			}
		}()
		runtime.awaitState(session, accept, "running")
		cancel()
		runtime.awaitState(session, accept, "cancelled")
	}
}

func TestAnAbandonedHTTPStreamCanBeReopened(t *testing.T) {
	runtime := serve(t, nil)
	session := fields{"mcp-session-id": runtime.session()}
	open := func() (*http.Response, context.CancelFunc) {
		ctx, cancel := context.WithCancel(runtime.context())
		response, err := runtime.send(ctx, runtime.httpClient(), "GET", session, "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { response.Body.Close() })
		return response, cancel
	}
	first, cancel := open()
	if second, _ := open(); first.StatusCode != 200 || second.StatusCode != 409 {
		t.Errorf("got %d and %d", first.StatusCode, second.StatusCode)
	}
	cancel()
	if third, _ := open(); third.StatusCode != 200 {
		t.Errorf("got %d", third.StatusCode)
	}
}

func TestALargeHTTPBodyIsRefused(t *testing.T) {
	runtime := serve(t, func(options *Options) { options.Settings.Limits.MaxBodyBytes = 1000 })
	conn, err := net.Dial("unix", runtime.paths.HTTP)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for _, test := range []struct{ size, status int }{{2000, 413}, {1001, 413}, {1000, 400}} {
		fmt.Fprintf(conn, "POST /mcp HTTP/1.1\r\nHost: runtime\r\nContent-Length: %d\r\n\r\n%*s", test.size, test.size, "")
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != test.status || response.Close {
			t.Errorf("%d bytes: got %v", test.size, response)
		}
		io.Copy(io.Discard, response.Body)
	}
}

func TestAnAmbiguousHTTPRequestIsNotCarriedOut(t *testing.T) {
	runtime := serve(t, nil)
	hidden := "GET /health HTTP/1.1\r\nHost: runtime\r\n\r\n"
	head := "POST /mcp HTTP/1.1\r\nHost: runtime\r\n"
	for _, text := range []string{
		head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		head + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
		head + "Transfer-Encoding: gzip\r\n\r\n",
		head + "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n",
		head + "A : b\r\n\r\n",
		head + "A: b\rC: d\r\n\r\n",
	} {
		conn, err := net.Dial("unix", runtime.paths.HTTP)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, text+hidden); err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(conn)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if got := string(answer); !strings.HasPrefix(got, "HTTP/1.1 400 ") || strings.Count(got, "HTTP/1.1 ") != 1 {
			t.Errorf("%q: got %q", text, got)
		}
		conn.Close()
	}
}

func TestAShutdownAnswersHTTPCallsAndEndsStreams(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	runtime := serve(t, func(options *Options) {
		options.Settings.Catalog = func() *catalog.Catalog { return withGate(begun, release) }
	})
	session := fields{"mcp-session-id": runtime.session()}
	live, err := runtime.send(runtime.context(), runtime.httpClient(), "GET", session, "")
	if err != nil || live.StatusCode != 200 {
		t.Fatalf("got %v, %v", live, err)
	}
	idle := runtime.httpClient()
	if status, _ := runtime.answered(idle, "POST", session, ping); status != 200 {
		t.Fatalf("got %d", status)
	}
	answered := make(chan string)
	go func() {
		status, body := runtime.answered(runtime.httpClient(), "POST", session, tool("gate", "{}"))
		answered <- fmt.Sprint(status, body)
	}()
	<-begun
	runtime.stop()
	if text, err := io.ReadAll(live.Body); err != nil || len(text) != 0 {
		t.Errorf("the live stream carried %q, %v", text, err)
	}
	if status, body := runtime.answered(idle, "POST", session, ping); status != 503 || !strings.Contains(body, "UNAVAILABLE") {
		t.Errorf("a call on an open connection: got %d %s", status, body)
	}
	close(release)
	if answer := <-answered; !strings.HasPrefix(answer, "200") || !strings.Contains(answer, "the gate is open") {
		t.Errorf("got %s", answer)
	}
	if err := <-runtime.stopped; err != nil {
		t.Error(err)
	}
}

func TestHTTPAlone(t *testing.T) {
	alone := serve(t, func(options *Options) { options.Settings.Sockets.GRPC = "" })
	status, body := alone.answered(alone.httpClient(), "POST", nil, strings.Replace(ping, "ping", "initialize", 1))
	if status != 200 || !strings.Contains(body, `"error":`) {
		t.Errorf("got %d %s", status, body)
	}
	if err := process.ProbeHealth(t.Context(), alone.paths); err != nil {
		t.Error(err)
	}
	alone.stop()
	if err := <-alone.stopped; err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(alone.paths.HTTP); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket file still exists: %v", err)
	}
}
