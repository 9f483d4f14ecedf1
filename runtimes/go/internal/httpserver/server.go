// Package httpserver serves the calls over HTTP/1.1 (chapter 18 of the contract).
package httpserver

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/serving"
)

// healthPath is the path of the health endpoint (HTTP-2).
const healthPath = "/health"

// Server is an HTTP server that stops within a time limit.
type Server struct {
	calls  *serving.Calls
	limits service.Limits
	logger *slog.Logger
	http   *http.Server
}

// New returns a server. It has no time limits for connections, because closing an idle one could lose a request that the
// gateway is sending on it (HTTP-8).
func New(calls *serving.Calls, limits service.Limits, logger *slog.Logger) *Server {
	s := &Server{calls: calls, limits: limits, logger: logger}
	s.http = &http.Server{
		Handler:                      s,
		MaxHeaderBytes:               limits.MaxEnvelopeBytes,
		DisableGeneralOptionsHandler: true,
		// net/http logs plain text, which would break the JSON log.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	return s
}

// Serve accepts connections until the listener fails or the server stops.
func (s *Server) Serve(listener net.Listener) error {
	return s.http.Serve(framingListener{listener, s.limits.MaxEnvelopeBytes})
}

// Stop closes idle connections, waits up to the limit for responses to be sent, then closes every connection.
func (s *Server) Stop(limit time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		s.http.Close()
	}
}

// framingListener accepts connections whose requests have unambiguous framing.
type framingListener struct {
	net.Listener
	maxHeadBytes int
}

func (l framingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newRequestFraming(conn, l.maxHeadBytes), nil
}

// ServeHTTP answers a request. A panic fails only its request.
func (s *Server) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	response := &responseWriter{ResponseWriter: writer}
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		if value == http.ErrAbortHandler {
			panic(value)
		}
		s.logger.Error("a call panicked", failure.Panic(value))
		response.fail(&failure.Call{Category: failure.Internal, Message: "Internal error"})
	}()
	if err := s.serve(request, response); err != nil {
		response.fail(err)
	}
}

// serve carries out one call (HTTP-3). The body is read first, so that the connection stays usable after a refusal.
func (s *Server) serve(request *http.Request, response *responseWriter) error {
	body, err := s.readBody(request, response)
	if err != nil {
		return err
	}
	path, _ := pathAndQuery(request)
	isStream := request.Method == http.MethodGet
	switch request.Method {
	case http.MethodGet:
		if path == healthPath {
			return s.health(response)
		}
	case http.MethodPost:
		isStream = acceptsEventStream(request.Header)
	case http.MethodDelete:
	default:
		response.Header().Set("allow", "GET, POST, DELETE")
		return response.Complete(nil, httpcall.Empty(http.StatusMethodNotAllowed))
	}
	message, err := messageOf(request, body)
	if err != nil {
		return err
	}
	if isStream {
		return s.calls.InvokeStream(request.Context(), message, response)
	}
	answer, err := s.unary(request.Context(), message)
	if err != nil {
		return err
	}
	return response.Complete(nil, answer)
}

func (s *Server) unary(ctx context.Context, message *runtimev1.McpRequest) (*httpcall.Answer, error) {
	if message.GetMethod() == http.MethodDelete {
		return s.calls.CloseSession(ctx, message)
	}
	return s.calls.Invoke(ctx, message)
}

// readBody reads a body up to the limit. One byte over the limit makes the service refuse the body (LIMIT-2). To keep
// the connection usable, readBody then discards up to the same number of bytes. If more follow, net/http closes the
// connection.
func (s *Server) readBody(request *http.Request, response *responseWriter) ([]byte, error) {
	limit := int64(s.limits.MaxBodyBytes)
	body, err := io.ReadAll(io.LimitReader(request.Body, limit+1))
	if err == nil && int64(len(body)) > limit {
		_, err = io.CopyN(io.Discard, request.Body, limit)
		if err == io.EOF {
			err = nil
		}
	}
	if err != nil {
		response.Header().Set("connection", "close")
		return nil, invalid("The body is incomplete or malformed")
	}
	return body, nil
}

// health reports the state of the runtime.
func (s *Server) health(response *responseWriter) error {
	health := s.calls.Health()
	body, err := json.Marshal(struct {
		Status       string   `json:"status"`
		Mode         string   `json:"mode"`
		Version      string   `json:"version"`
		Capabilities []string `json:"capabilities"`
	}{health.GetStatus(), health.GetMode(), health.GetVersion(), health.GetCapabilities()})
	if err != nil {
		return err
	}
	return response.Complete(nil, httpcall.JSON(http.StatusOK, body))
}
