package grpcserver

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

// chunksOf returns the chunks that a writer sends, without their messages' internal state.
func chunksOf(t *testing.T, write func(*chunkWriter) error) (chunks []map[string]any) {
	t.Helper()
	writer := &chunkWriter{chunkBytes: 10, send: func(chunk *runtimev1.McpChunk) error {
		chunks = append(chunks, map[string]any{
			"status": chunk.Status, "headers": len(chunk.Headers), "data": string(chunk.Data), "done": chunk.Done, "error": chunk.ErrorStatus,
		})
		return nil
	}}
	if err := write(writer); err != nil {
		t.Fatal(err)
	}
	return chunks
}

func chunk(status int32, headers int, data string, done bool, errorStatus int32) map[string]any {
	return map[string]any{"status": status, "headers": headers, "data": data, "done": done, "error": errorStatus}
}

func TestAStreamIsSentInChunks(t *testing.T) {
	got := chunksOf(t, func(writer *chunkWriter) error {
		return errors.Join(
			writer.Begin(200, map[string]string{"content-type": "text/event-stream"}),
			writer.Data([]byte(strings.Repeat("x", 25))),
			writer.End(),
		)
	})
	ten := strings.Repeat("x", 10)
	want := []map[string]any{
		chunk(200, 1, "", false, 0), chunk(0, 0, ten, false, 0), chunk(0, 0, ten, false, 0), chunk(0, 0, "xxxxx", false, 0),
		chunk(0, 0, "", true, 0),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestACompleteAnswerIsSentInChunks(t *testing.T) {
	refusal := httpcall.JSON(404, []byte("{}"))
	for name, test := range map[string]struct {
		method string
		answer *httpcall.Answer
		want   []map[string]any
	}{
		"no body":           {"POST", httpcall.Empty(202), []map[string]any{chunk(202, 0, "", true, 0)}},
		"a refusal of POST": {"POST", refusal, []map[string]any{chunk(404, 1, "", false, 0), chunk(0, 0, "{}", false, 0), chunk(0, 0, "", true, 0)}},
		"a refusal of GET":  {"GET", refusal, []map[string]any{chunk(404, 0, "", true, 404)}},
	} {
		got := chunksOf(t, func(writer *chunkWriter) error {
			return writer.Complete(&httpcall.Call{Method: test.method}, test.answer)
		})
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestErrorsBecomeStatuses(t *testing.T) {
	for want, err := range map[string]error{
		"code = Canceled desc = The call ended early":         context.Canceled,
		"code = DeadlineExceeded desc = The call ended early": context.DeadlineExceeded,
		"code = InvalidArgument desc = for the caller":        &failure.Call{Category: failure.InvalidArgument, Message: "for the caller"},
		"code = ResourceExhausted desc = The reader is slow":  &failure.Call{Category: failure.RateLimited, Message: "The reader is slow"},
	} {
		if got := statusOf(err); !strings.Contains(got.Error(), want) {
			t.Errorf("got %v, want %s", got, want)
		}
	}
	if got := statusOf(nil); got != nil {
		t.Errorf("got %v for no error", got)
	}
}
