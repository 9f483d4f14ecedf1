package jsonrpc

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
)

// FuzzParse checks that a parsed message consists of parts of the body, and that anything else is refused with a 400.
func FuzzParse(f *testing.F) {
	for _, body := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"ping"}`,
		`{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"x","_meta":{"progressToken":1e400}}}`,
		` {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":-0.0}} `,
		`{"jsonrpc":"2.0","id":9007199254740993,"result":null}`,
		`{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"\ud800"},"id":2}`,
		`[]`, `null`, `"`, "\ufeff{}", `{"jsonrpc":"2.0","id":1,"method":"m","params":[[[[{"a":{}}]]]]}`, "{\"\xff\":1}", `{}}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		message, err := Parse(body)
		if err != nil {
			refusal, ok := errors.AsType[*failure.Refusal](err)
			if !ok || refusal.HTTPStatus() != 400 || !json.Valid(refusal.Body()) {
				t.Fatalf("%v is not a refusal with a 400", err)
			}
			return
		}
		if !utf8.Valid(body) || !json.Valid(body) {
			t.Fatal("a body that is not JSON was accepted")
		}
		for _, part := range [][]byte{[]byte(message.ID), message.Params, message.Result, message.Err} {
			if len(part) > 0 && (!json.Valid(part) || !bytes.Contains(body, part)) {
				t.Fatalf("%q is not a value of the body", part)
			}
		}
		if (message.Kind == Notification) != (message.ID == "") {
			t.Fatalf("kind %d with the id %q", message.Kind, message.ID)
		}
		if isDeep, isWide := exceeds(body, maxNesting, maxMembers); isDeep || isWide {
			t.Fatal("a message beyond the limits was accepted")
		}
	})
}

// FuzzToken checks the readers of tokens with every kind of JSON.
func FuzzToken(f *testing.F) {
	for _, token := range []string{`1`, `-0`, `1.50`, `5e1`, `1e400`, `"\u0061"`, `"\ud800"`, `{"a":{"b":1},"a":2}`, `[]`, `null`,
		`{ "a" : [ {"}":"]"} , "\\\"{" ] ,"\u0061b":{"c":[1,2]}, "":-1e5 }`, `{}`, `{"\ud800":"\\"}`} {
		f.Add([]byte(token))
	}
	f.Fuzz(func(t *testing.T, token []byte) {
		if !json.Valid(token) {
			return
		}
		token = bytes.TrimSpace(token)
		var value any
		decoder := json.NewDecoder(bytes.NewReader(token))
		decoder.UseNumber()
		if err := decoder.Decode(&value); err != nil {
			t.Fatal(err)
		}
		text, isText := Text(token)
		if expected, ok := value.(string); ok != isText || text != expected {
			t.Errorf("%s is the text %q", token, text)
		}
		if _, ok := value.(json.Number); ok != IsNumber(token) {
			t.Errorf("%s is a number: %v", token, IsNumber(token))
		}
		if IsInteger(token) && !IsWhole(token) {
			t.Errorf("%s is an integer, but not whole", token)
		}
		object, isObject := value.(map[string]any)
		members, ok := Members(token)
		if ok != isObject || len(members) != len(object) {
			t.Errorf("%s has the members %v", token, members)
		}
		var expected map[string]json.RawMessage
		if isObject && json.Unmarshal(token, &expected) != nil {
			t.Fatalf("%s cannot be decoded", token)
		}
		for name := range members {
			if !bytes.Equal(Member(token, name), expected[name]) {
				t.Errorf("the member %q of %s is %s", name, token, Member(token, name))
			}
		}
	})
}
