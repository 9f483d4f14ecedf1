package httpserver

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/service"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/serving"
)

// respond returns the response of a handler, and its body.
func respond(t *testing.T, handle http.HandlerFunc) (*http.Response, string, error) {
	t.Helper()
	server := httptest.NewServer(handle)
	defer server.Close()
	response, err := http.Post(server.URL+"/mcp", "application/json", strings.NewReader("{}"))
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response, string(text), err
}

func TestAFailedCallHasTheStatusOfItsCategory(t *testing.T) {
	response, text, err := respond(t, func(writer http.ResponseWriter, _ *http.Request) {
		(&responseWriter{ResponseWriter: writer}).fail(&failure.Call{Category: failure.RateLimited, Message: "Slow down"})
	})
	if err != nil || response.StatusCode != 429 || !strings.Contains(text, `"message":"Slow down"`) {
		t.Errorf("got %v, %s, %v", response, text, err)
	}
}

func TestABrokenStreamIsIncomplete(t *testing.T) {
	response, text, err := respond(t, func(writer http.ResponseWriter, _ *http.Request) {
		stream := &responseWriter{ResponseWriter: writer}
		err := errors.Join(stream.Begin(200, map[string]string{"content-type": "text/event-stream"}), stream.Data([]byte(": a\n\n")))
		if err != nil {
			t.Error(err)
		}
		stream.fail(&failure.Call{Category: failure.RateLimited, Message: "The reader is slow"})
	})
	if !errors.Is(err, io.ErrUnexpectedEOF) || response.StatusCode != 200 || text != ": a\n\n" {
		t.Errorf("got %v, %s, %v", response, text, err)
	}
}

func TestACallThatEndedEarlyHasNoAnswer(t *testing.T) {
	response, _, err := respond(t, func(writer http.ResponseWriter, _ *http.Request) {
		(&responseWriter{ResponseWriter: writer}).fail(context.Canceled)
	})
	if !errors.Is(err, io.EOF) {
		t.Errorf("got %v, %v", response, err)
	}
}

func TestACompleteAnswerHasItsLength(t *testing.T) {
	body := strings.Repeat("x", 10_000)
	response, text, err := respond(t, func(writer http.ResponseWriter, _ *http.Request) {
		if err := (&responseWriter{ResponseWriter: writer}).Complete(nil, httpcall.JSON(200, []byte(body))); err != nil {
			t.Error(err)
		}
	})
	if err != nil || response.ContentLength != 10_000 || text != body || response.Header.Get("content-type") != "application/json" {
		t.Errorf("got %v, %v", response, err)
	}
}

func TestAPanicFailsOnlyItsRequest(t *testing.T) {
	var log bytes.Buffer
	// Without a service, every call panics.
	calls := serving.New(serving.Options{Logger: slog.New(slog.DiscardHandler)})
	server := New(calls, service.DefaultLimits(), slog.New(slog.NewTextHandler(&log, nil)))
	response, text, err := respond(t, server.ServeHTTP)
	if err != nil || response.StatusCode != 500 || !strings.Contains(text, `"message":"Internal error"`) {
		t.Errorf("got %v, %s, %v", response, text, err)
	}
	if !strings.Contains(log.String(), "a call panicked") {
		t.Errorf("the log is %s", log.String())
	}
}
