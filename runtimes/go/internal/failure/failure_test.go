package failure

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestARefusalIsAJSONRPCError(t *testing.T) {
	type body struct {
		JSONRPC string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   struct {
			Code    int            `json:"code"`
			Message string         `json:"message"`
			Data    map[string]any `json:"data"`
		} `json:"error"`
	}
	read := func(refusal *Refusal) body {
		var read body
		if err := json.Unmarshal(refusal.Body(), &read); err != nil {
			t.Fatal(err)
		}
		return read
	}
	refusal := Refuse(RateLimited, "too_many", "Too \"many\"").WithID("9007199254740993").WithID("2")
	refusal.Data = map[string]any{"supported": []string{"a"}}
	got := read(refusal)
	if got.JSONRPC != "2.0" || string(got.ID) != "9007199254740993" || got.Error.Code != CodeServerError || got.Error.Message != `Too "many"` {
		t.Errorf("got %+v", got)
	}
	for name, want := range map[string]any{
		"category": "RATE_LIMITED", "code": "too_many", "retryable": true, "origin": "module",
	} {
		if got.Error.Data[name] != want {
			t.Errorf("%s: got %v, want %v", name, got.Error.Data[name], want)
		}
	}
	trace, _ := got.Error.Data["traceId"].(string)
	if again := read(refusal).Error.Data["traceId"]; len(trace) != 32 || again == trace {
		t.Errorf("got trace ids %v and %v", trace, again)
	}
	if id := read(Refuse(NotFound, "x", "y").WithCode(CodeSessionNotFound)).ID; string(id) != "null" {
		t.Errorf("refusal without an id: got %s", id)
	}
}

func TestCategoriesMapToHTTPAndGRPC(t *testing.T) {
	for category, want := range map[Category]struct {
		http int
		grpc codes.Code
	}{
		InvalidArgument: {400, codes.InvalidArgument}, Unauthenticated: {401, codes.Unauthenticated},
		PermissionDenied: {403, codes.PermissionDenied}, NotFound: {404, codes.NotFound}, Conflict: {409, codes.Aborted},
		Precondition: {400, codes.FailedPrecondition}, RateLimited: {429, codes.ResourceExhausted},
		Unsupported: {404, codes.Unimplemented}, Unavailable: {503, codes.Unavailable}, Internal: {500, codes.Internal},
	} {
		if got := Refuse(category, "x", "y").HTTPStatus(); got != want.http {
			t.Errorf("%s: got %d", category.Name, got)
		}
		if got := status.Code(&Call{Category: category, Message: "x"}); got != want.grpc {
			t.Errorf("%s: got %s", category.Name, got)
		}
	}
	large := Refuse(InvalidArgument, "x", "y")
	large.Status = 413
	if large.HTTPStatus() != 413 {
		t.Error("Status does not override the status of the category")
	}
}

func TestALongMessageIsCut(t *testing.T) {
	long := (&Call{InvalidArgument, "a " + strings.Repeat("é", 20_000)}).GRPCStatus().Message()
	if len(long) > 1100 || len(long) < 900 || !utf8.ValidString(long) || !strings.HasPrefix(long, "a é") {
		t.Errorf("got %d bytes: %.20s", len(long), long)
	}
	if short := (&Call{InvalidArgument, "short"}).GRPCStatus().Message(); short != "short" {
		t.Errorf("got %q", short)
	}
}
