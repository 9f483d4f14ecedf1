package jsonrpc

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
)

func TestParseReadsEachKindOfMessage(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want Message
	}{
		"request": {
			` {"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":1}}`,
			Message{Kind: Request, ID: "1", Method: "ping", Params: json.RawMessage(`{"a":1}`)},
		},
		"id with more digits than a Go number": {
			`{"jsonrpc":"2.0","id":-90071992547409931234567890.5,"method":"ping"}`,
			Message{Kind: Request, ID: "-90071992547409931234567890.5", Method: "ping"},
		},
		"string id with an escape": {
			`{"jsonrpc":"2.0","id":"\u00e9","method":"ping"}`,
			Message{Kind: Request, ID: `"\u00e9"`, Method: "ping"},
		},
		"last of several equal names": {
			`{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}`,
			Message{Kind: Request, ID: "2", Method: "ping"},
		},
		"case-sensitive name": {
			`{"jsonrpc":"2.0","ID":1,"method":"ping"}`,
			Message{Kind: Notification, Method: "ping"},
		},
		"notification": {
			`{"jsonrpc":"2.0","method":"notifications/initialized"}`,
			Message{Kind: Notification, Method: "notifications/initialized"},
		},
		"result": {
			`{"jsonrpc":"2.0","id":"a","result":{}}`,
			Message{Kind: Response, ID: `"a"`, Result: json.RawMessage("{}")},
		},
		"error": {
			`{"jsonrpc":"2.0","id":7,"error":{"code":1}}`,
			Message{Kind: Response, ID: "7", Err: json.RawMessage(`{"code":1}`)},
		},
		"deepest allowed nesting": {
			`{"jsonrpc":"2.0","id":1,"method":"m","params":` + nested(maxNesting-1) + `}`,
			Message{Kind: Request, ID: "1", Method: "m", Params: json.RawMessage(nested(maxNesting - 1))},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse([]byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(*got, test.want) {
				t.Errorf("got %+v, want %+v", *got, test.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		code int
		id   string
	}{
		"an empty body":            {"", failure.CodeParseError, ""},
		"invalid JSON":             {`{"jsonrpc":`, failure.CodeParseError, ""},
		"invalid UTF-8":            {"{\"jsonrpc\":\"\xff\"}", failure.CodeParseError, ""},
		"unclosed nesting":         {strings.Repeat(`{"a":`, 50_000), failure.CodeParseError, ""},
		"a batch":                  {`[{"jsonrpc":"2.0","id":1,"method":"ping"}]`, failure.CodeInvalidRequest, ""},
		"a string":                 {`"ping"`, failure.CodeInvalidRequest, ""},
		"an unsupported version":   {`{"jsonrpc":"1.0","id":3,"method":"ping"}`, failure.CodeInvalidRequest, "3"},
		"a null id":                {`{"jsonrpc":"2.0","id":null,"method":"ping"}`, failure.CodeInvalidRequest, ""},
		"an object as id":          {`{"jsonrpc":"2.0","id":{},"method":"ping"}`, failure.CodeInvalidRequest, ""},
		"a number as method":       {`{"jsonrpc":"2.0","id":"a","method":1}`, failure.CodeInvalidRequest, `"a"`},
		"null params":              {`{"jsonrpc":"2.0","id":1,"method":"m","params":null}`, failure.CodeInvalidRequest, "1"},
		"both method and result":   {`{"jsonrpc":"2.0","id":1,"method":"m","result":{}}`, failure.CodeInvalidRequest, "1"},
		"both result and error":    {`{"jsonrpc":"2.0","id":1,"error":{},"result":{}}`, failure.CodeInvalidRequest, "1"},
		"a response without an id": {`{"jsonrpc":"2.0","result":{}}`, failure.CodeInvalidRequest, ""},
		"nesting beyond the limit": {`{"jsonrpc":"2.0","id":1,"method":"m","params":` + nested(maxNesting) + `}`, failure.CodeInvalidRequest, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(test.body))
			refusal, ok := errors.AsType[*failure.Refusal](err)
			if !ok {
				t.Fatalf("got %v, want a refusal", err)
			}
			if refusal.Code != test.code || refusal.ID != test.id || refusal.HTTPStatus() != 400 {
				t.Errorf("got code %d, id %q, status %d", refusal.Code, refusal.ID, refusal.HTTPStatus())
			}
		})
	}
}

func nested(depth int) string {
	return strings.Repeat("[", depth) + strings.Repeat("]", depth)
}

func TestMemberReturnsTheVerbatimToken(t *testing.T) {
	params := json.RawMessage(`{"_meta": {"progressToken": 9007199254740993 }, "a": "}"}`)
	if got := string(Member(params, "_meta", "progressToken")); got != "9007199254740993" {
		t.Errorf("got %q", got)
	}
	for _, path := range [][]string{{"b"}, {"a", "b"}, {"_meta", "b", "c"}} {
		if got := Member(params, path...); got != nil {
			t.Errorf("%v: got %q, want nil", path, got)
		}
	}
}
