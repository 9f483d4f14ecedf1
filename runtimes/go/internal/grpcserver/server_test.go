package grpcserver

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
)

// pipes is a listener for in-memory connections, which work with the fake clock of synctest.
type pipes struct {
	accepted chan net.Conn
	closed   context.Context
	close    context.CancelFunc
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accepted:
		return conn, nil
	case <-p.closed.Done():
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.close(); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{} }

func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.accepted <- server
	return client
}

func serve(t *testing.T, runtime runtimev1.McpRuntimeServer, logger *slog.Logger) (*Server, *pipes) {
	t.Helper()
	closed, cancel := context.WithCancel(context.Background())
	listener := &pipes{accepted: make(chan net.Conn), closed: closed, close: cancel}
	server := New(runtime, service.DefaultLimits(), logger)
	go server.Serve(listener)
	return server, listener
}

// frame is an HTTP/2 frame without its payload.
type frame struct{ kind, flags byte }

const (
	settings = 4
	ping     = 6
	goAway   = 7
	ack      = 1
)

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

func encodeFrame(kind byte, payload string) []byte {
	return append([]byte{0, 0, byte(len(payload)), kind, 0, 0, 0, 0, 0}, payload...)
}

// readFrames reads frames until the connection ends.
func readFrames(conn net.Conn) <-chan frame {
	frames := make(chan frame, 100)
	go func() {
		defer close(frames)
		var header [9]byte
		for {
			if _, err := io.ReadFull(conn, header[:]); err != nil {
				return
			}
			length := int64(header[0])<<16 | int64(header[1])<<8 | int64(header[2])
			if _, err := io.CopyN(io.Discard, conn, length); err != nil {
				return
			}
			frames <- frame{header[3], header[4]}
		}
	}()
	return frames
}

func TestAConnectionMaySendPingsEveryTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, listener := serve(t, runtimev1.UnimplementedMcpRuntimeServer{}, slog.New(slog.DiscardHandler))
		conn := listener.dial()
		frames := readFrames(conn)
		if _, err := conn.Write(append([]byte(preface), encodeFrame(settings, "")...)); err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			time.Sleep(10 * time.Second)
			if _, err := conn.Write(encodeFrame(ping, "12345678")); err != nil {
				t.Fatal(err)
			}
			got := <-frames
			for got != (frame{ping, ack}) && got != (frame{}) && got.kind != goAway {
				got = <-frames
			}
			if got != (frame{ping, ack}) {
				t.Fatalf("PING %d: the connection ended", i+1)
			}
		}
		conn.Close()
		server.Stop(time.Second)
	})
}

func TestAnIncompleteHandshakeTimesOut(t *testing.T) {
	for name, text := range map[string]string{
		"no bytes": "", "half a preface": preface[:10], "a preface without SETTINGS": preface,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, listener := serve(t, runtimev1.UnimplementedMcpRuntimeServer{}, slog.New(slog.DiscardHandler))
				conn := listener.dial()
				started := time.Now()
				go io.WriteString(conn, text)
				if _, err := io.Copy(io.Discard, conn); err != nil || time.Since(started) != handshakeTimeout {
					t.Errorf("the connection ended after %s with %v", time.Since(started), err)
				}
				synctest.Wait()
				server.connections.open.Range(func(any, any) bool {
					t.Error("the server still tracks the connection")
					return false
				})
				server.Stop(time.Second)
			})
		})
	}
}

func TestAShutdownHasATimeLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		started := make(chan struct{})
		runtime := &scripted{invoke: func() {
			close(started)
			<-release // Ignores the end of its context.
		}}
		server, listener := serve(t, runtime, slog.New(slog.DiscardHandler))
		silent := listener.dial()
		go io.Copy(io.Discard, silent)
		client := dial(t, listener)
		failed := make(chan error)
		go func() {
			_, err := client.Invoke(context.Background(), &runtimev1.McpRequest{})
			failed <- err
		}()
		<-started
		stopped := time.Now()
		server.Stop(time.Second)
		if waited := time.Since(stopped); waited != time.Second {
			t.Errorf("the shutdown took %s", waited)
		}
		if err := <-failed; status.Code(err) != codes.Unavailable {
			t.Errorf("got %v", err)
		}
		close(release)
	})
}

// scripted is a runtime with one function for Invoke and InvokeStream.
type scripted struct {
	runtimev1.UnimplementedMcpRuntimeServer
	invoke func()
}

func (s *scripted) Invoke(context.Context, *runtimev1.McpRequest) (*runtimev1.McpResponse, error) {
	s.invoke()
	return &runtimev1.McpResponse{}, nil
}

func (s *scripted) InvokeStream(*runtimev1.McpRequest, grpc.ServerStreamingServer[runtimev1.McpChunk]) error {
	s.invoke()
	return nil
}

func dial(t *testing.T, listener *pipes) runtimev1.McpRuntimeClient {
	t.Helper()
	connection, err := grpc.NewClient("passthrough:pipe", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return listener.dial(), nil }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return runtimev1.NewMcpRuntimeClient(connection)
}

// callBoth calls Invoke and InvokeStream, and returns their errors.
func callBoth(t *testing.T, client runtimev1.McpRuntimeClient, options ...grpc.CallOption) map[string]error {
	t.Helper()
	_, unary := client.Invoke(t.Context(), &runtimev1.McpRequest{}, options...)
	stream, streaming := client.InvokeStream(t.Context(), &runtimev1.McpRequest{}, options...)
	if streaming == nil {
		_, streaming = stream.Recv()
	}
	return map[string]error{"Invoke": unary, "InvokeStream": streaming}
}

func TestAPanicFailsOnlyItsCallAndIsLoggedWithoutItsValue(t *testing.T) {
	var log bytes.Buffer
	runtime := &scripted{invoke: func() { panic(errors.New("data of a caller")) }}
	server, listener := serve(t, runtime, slog.New(slog.NewTextHandler(&log, nil)))
	client := dial(t, listener)
	for method, err := range callBoth(t, client) {
		if status.Code(err) != codes.Internal || status.Convert(err).Message() != "Internal error" {
			t.Errorf("%s: got %v", method, err)
		}
	}
	runtime.invoke = func() {}
	for method, err := range callBoth(t, client) {
		if err != nil && !errors.Is(err, io.EOF) {
			t.Errorf("%s after a panic: got %v", method, err)
		}
	}
	server.Stop(0)
	text := log.String()
	if strings.Contains(text, "data of a caller") {
		t.Error("the log contains the value of the panic")
	}
	for _, want := range []string{"panic.type=*errors.errorString", "server_test.go"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log does not contain %s: %s", want, text)
		}
	}
}

// invalidProtobuf encodes every message as an incomplete field.
type invalidProtobuf struct{}

func (invalidProtobuf) Name() string                { return "proto" }
func (invalidProtobuf) Marshal(any) ([]byte, error) { return []byte{0x0a, 0x7f}, nil }
func (invalidProtobuf) Unmarshal([]byte, any) error { return nil }

func TestInvalidProtobufIsRefusedWithoutTheDecodersMessage(t *testing.T) {
	server, listener := serve(t, &scripted{invoke: func() { t.Error("the handler was called") }}, slog.New(slog.DiscardHandler))
	for method, err := range callBoth(t, dial(t, listener), grpc.ForceCodec(invalidProtobuf{})) {
		if status.Code(err) != codes.InvalidArgument || status.Convert(err).Message() != "The request message is not valid protobuf" {
			t.Errorf("%s: got %v", method, err)
		}
	}
	server.Stop(0)
}
