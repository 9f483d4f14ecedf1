package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/process"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
)

const testTimeout = 20 * time.Second

// served is a runtime on a socket, and a client connected to it.
type served struct {
	t       testing.TB
	paths   process.SocketPaths
	client  runtimev1.McpRuntimeClient
	stop    context.CancelFunc
	stopped chan error
}

func serve(t testing.TB, change func(*Options)) *served {
	t.Helper()
	folder, err := os.MkdirTemp("", "mcp")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	options := Options{
		Settings: process.Settings{
			Sockets: process.SocketPaths{GRPC: filepath.Join(folder, "s"), HTTP: filepath.Join(folder, "http")},
			Catalog: catalog.Conformance, Mode: "full", Limits: service.DefaultLimits(),
		},
		Version: "1.2.3",
		Logger:  slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&options)
	}
	runtime, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	paths := options.Settings.Sockets
	sockets, err := process.ListenAll(paths)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- runtime.Serve(ctx, sockets) }()
	connection, err := grpc.NewClient("unix:"+paths.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1<<30)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		connection.Close()
	})
	return &served{t, paths, runtimev1.NewMcpRuntimeClient(connection), stop, stopped}
}

func (s *served) context() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	s.t.Cleanup(cancel)
	return ctx
}

func (s *served) invoke(sessionID, body string, options ...grpc.CallOption) *runtimev1.McpResponse {
	s.t.Helper()
	response, err := s.client.Invoke(s.context(), post(sessionID, body), options...)
	if err != nil {
		s.t.Fatal(err)
	}
	return response
}

func post(sessionID, body string) *runtimev1.McpRequest {
	return &runtimev1.McpRequest{Method: "POST", Path: "/mcp", SessionId: sessionID, Body: []byte(body)}
}

func (s *served) session() string {
	s.t.Helper()
	response := s.invoke("", `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18",`+
		`"capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`)
	id := response.GetHeaders()["mcp-session-id"]
	if response.GetStatus() != 200 || id == "" {
		s.t.Fatalf("got %v", response)
	}
	return id
}

func tool(name, arguments string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":%q,"arguments":%s}}`, name, arguments)
}

// awaitState waits until the conformance_wait call with this key has reached this state.
func (s *served) awaitState(sessionID, key, state string) {
	s.t.Helper()
	for deadline := time.Now().Add(testTimeout); time.Now().Before(deadline); {
		body := s.invoke(sessionID, tool("conformance_state", fmt.Sprintf(`{"key":%q}`, key))).GetBody()
		if strings.Contains(string(body), state) {
			return
		}
	}
	s.t.Fatalf("the state of %s was never %s", key, state)
}

func (s *served) stream(request *runtimev1.McpRequest) (runtimev1.McpRuntime_InvokeStreamClient, context.CancelFunc) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.context())
	stream, err := s.client.InvokeStream(ctx, request)
	if err != nil {
		s.t.Fatal(err)
	}
	return stream, cancel
}

// drained returns the remaining data of a stream, which must end with done.
func (s *served) drained(stream runtimev1.McpRuntime_InvokeStreamClient) string {
	s.t.Helper()
	var text strings.Builder
	for done := false; ; {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) && done {
			return text.String()
		}
		if err != nil {
			s.t.Fatalf("the stream ended with %v", err)
		}
		done = chunk.GetDone()
		text.Write(chunk.GetData())
	}
}

func TestHealth(t *testing.T) {
	runtime := serve(t, nil)
	health, err := runtime.client.HealthCheck(runtime.context(), &runtimev1.HealthRequest{})
	if err != nil || health.GetStatus() != "ok" || health.GetMode() != "full" || health.GetVersion() != "1.2.3" {
		t.Errorf("got %v, %v", health, err)
	}
	if err := process.ProbeHealth(t.Context(), runtime.paths); err != nil {
		t.Errorf("the probe failed: %v", err)
	}
	for _, missing := range []process.SocketPaths{
		{GRPC: runtime.paths.GRPC + "x"}, {HTTP: runtime.paths.HTTP + "x"}, {GRPC: runtime.paths.GRPC, HTTP: runtime.paths.HTTP + "x"},
	} {
		if err := process.ProbeHealth(t.Context(), missing); err == nil {
			t.Errorf("the probe succeeded without a runtime: %+v", missing)
		}
	}
}

// withGate returns the conformance catalog with an additional tool. The tool closes begun when it starts, and returns
// when release is closed.
func withGate(begun, release chan struct{}) *catalog.Catalog {
	all := catalog.Conformance()
	gate := catalog.Tool{Call: func(context.Context, catalog.Call, json.RawMessage) (*mcp.CallToolResult, error) {
		close(begun)
		<-release
		return catalog.TextResult("the gate is open"), nil
	}}
	gate.Name, gate.InputSchema = "gate", json.RawMessage(`{"type":"object"}`)
	all.Tools = append(all.Tools, gate)
	return all
}

func TestAShutdownAnswersCallsInFlightAndEndsStreams(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	runtime := serve(t, func(options *Options) {
		options.Settings.Catalog = func() *catalog.Catalog { return withGate(begun, release) }
	})
	session := runtime.session()
	live, _ := runtime.stream(&runtimev1.McpRequest{Method: "GET", Path: "/mcp", SessionId: session})
	if head, err := live.Recv(); err != nil || head.GetStatus() != 200 {
		t.Fatalf("got %v, %v", head, err)
	}
	answered := make(chan *runtimev1.McpResponse)
	go func() {
		answer, err := runtime.client.Invoke(runtime.context(), post(session, tool("gate", "{}")))
		if err != nil {
			t.Error(err)
		}
		answered <- answer
	}()
	<-begun
	posted, _ := runtime.stream(post(session, tool("conformance_wait", `{"key":"k"}`)))
	runtime.awaitState(session, "k", "running")
	runtime.stop()
	if text := runtime.drained(live); text != "" {
		t.Errorf("the live stream carried %q", text)
	}
	close(release)
	if answer := <-answered; !strings.Contains(string(answer.GetBody()), "the gate is open") {
		t.Errorf("got %v", answer)
	}
	runtime.drained(posted)
	if err := <-runtime.stopped; err != nil {
		t.Error(err)
	}
	for _, path := range []string{runtime.paths.GRPC, runtime.paths.HTTP} {
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the socket file still exists: %v", err)
		}
	}
}

func TestAShutdownClosesConnectionsWithoutAHandshake(t *testing.T) {
	runtime := serve(t, nil)
	var silent []net.Conn
	for _, text := range []string{"", "PRI * HTTP/2.0\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"} {
		conn, err := net.Dial("unix", runtime.paths.GRPC)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, text); err != nil {
			t.Fatal(err)
		}
		silent = append(silent, conn)
	}
	runtime.session() // The runtime accepts connections in order, so it has accepted the silent ones.
	runtime.stop()
	select {
	case err := <-runtime.stopped:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(testTimeout):
		t.Fatal("the runtime did not stop while silent connections were open")
	}
	for _, conn := range silent {
		if _, err := io.Copy(io.Discard, conn); err != nil && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got %v", err)
		}
	}
}

func TestTheDrainLimitEndsCalls(t *testing.T) {
	runtime := serve(t, func(options *Options) { options.Settings.Limits.Drain = 10 * time.Millisecond })
	session := runtime.session()
	ended := make(chan int32)
	go func() {
		answer, err := runtime.client.Invoke(runtime.context(), post(session, tool("conformance_wait", `{"key":"k"}`)))
		if err != nil {
			t.Error(err)
		}
		ended <- answer.GetStatus()
	}()
	runtime.awaitState(session, "k", "running")
	runtime.stop()
	if status := <-ended; status != 404 {
		t.Errorf("got status %d, want 404 for a closed session", status)
	}
	<-runtime.stopped
}

func TestACancelledCallStopsItsWork(t *testing.T) {
	runtime := serve(t, nil)
	session := runtime.session()
	wait := func(key string) *runtimev1.McpRequest {
		return post(session, tool("conformance_wait", fmt.Sprintf(`{"key":%q}`, key)))
	}
	ctx, cancel := context.WithCancel(runtime.context())
	failed := make(chan error)
	go func() {
		_, err := runtime.client.Invoke(ctx, wait("unary"))
		failed <- err
	}()
	runtime.awaitState(session, "unary", "running")
	cancel()
	if err := <-failed; status.Code(err) != codes.Canceled {
		t.Errorf("got %v", err)
	}
	runtime.awaitState(session, "unary", "cancelled")
	_, cancelStream := runtime.stream(wait("stream"))
	runtime.awaitState(session, "stream", "running")
	cancelStream()
	runtime.awaitState(session, "stream", "cancelled")
}

func TestAnAbandonedStreamCanBeReopened(t *testing.T) {
	runtime := serve(t, nil)
	session := runtime.session()
	get := &runtimev1.McpRequest{Path: "/mcp", SessionId: session}
	first, cancel := runtime.stream(get)
	if _, err := first.Recv(); err != nil {
		t.Fatal(err)
	}
	second, _ := runtime.stream(get)
	if refused, err := second.Recv(); err != nil || refused.GetErrorStatus() != 409 || !refused.GetDone() {
		t.Errorf("second reader: got %v, %v", refused, err)
	}
	cancel()
	third, _ := runtime.stream(get)
	if head, err := third.Recv(); err != nil || head.GetStatus() != 200 {
		t.Errorf("got %v, %v", head, err)
	}
}

func TestASlowReaderDelaysOnlyItsOwnCall(t *testing.T) {
	runtime := serve(t, nil)
	session := runtime.session()
	events := post(session, tool("conformance_events", `{"count":100000,"size":10000}`))
	unread, cancel := runtime.stream(events)
	if _, err := unread.Recv(); err != nil {
		t.Fatal(err)
	}
	if got := runtime.invoke(session, tool("conformance_echo", `{"text":"x"}`)).GetStatus(); got != 200 {
		t.Errorf("got %d", got)
	}
	cancel()
}

func TestGRPCRefusesLargeAndInvalidMessages(t *testing.T) {
	runtime := serve(t, func(options *Options) {
		options.Settings.Limits.MaxBodyBytes = 1000
		options.Settings.Limits.MaxEnvelopeBytes = 1000
	})
	session := runtime.session()
	ping := `{"jsonrpc":"2.0","id":1,"method":"ping"}`
	if got := runtime.invoke(session, ping, grpc.UseCompressor(gzip.Name)); got.GetStatus() != 200 {
		t.Errorf("compressed request: got %v", got)
	}
	if got := runtime.invoke(session, strings.Repeat(" ", 1001)); got.GetStatus() != 413 {
		t.Errorf("a body that is too large: got %v", got)
	}
	for name, test := range map[string]struct {
		request *runtimev1.McpRequest
		options []grpc.CallOption
		want    codes.Code
	}{
		"a message that is too large":              {post(session, strings.Repeat(" ", 3000)), nil, codes.ResourceExhausted},
		"a message that inflates beyond the limit": {post(session, strings.Repeat(" ", 100_000)), []grpc.CallOption{grpc.UseCompressor(gzip.Name)}, codes.ResourceExhausted},
		"an unknown codec":                         {post(session, ping), []grpc.CallOption{grpc.ForceCodec(brokenCodec{"json"})}, codes.InvalidArgument},
		"invalid protobuf":                         {post(session, ping), []grpc.CallOption{grpc.ForceCodec(brokenCodec{"proto"})}, codes.InvalidArgument},
		"an unsupported HTTP method":               {&runtimev1.McpRequest{Method: "GET"}, nil, codes.InvalidArgument},
		"a control character in a path":            {&runtimev1.McpRequest{Path: "/mcp\n"}, nil, codes.InvalidArgument},
	} {
		_, err := runtime.client.Invoke(runtime.context(), test.request, test.options...)
		if status.Code(err) != test.want {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// brokenCodec encodes every message as invalid protobuf.
type brokenCodec struct{ name string }

func (c brokenCodec) Name() string              { return c.name }
func (brokenCodec) Marshal(any) ([]byte, error) { return []byte("{}"), nil }
func (brokenCodec) Unmarshal([]byte, any) error { return nil }
