package modern

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

func TestNamesAreDecodedBeforeTheyAreCompared(t *testing.T) {
	message := &jsonrpc.Message{Method: "tools/call", Params: json.RawMessage(`{"name":"é b"}`)}
	for field, isEqual := range map[string]bool{
		"=?base64?w6kgYg==?=":      true,
		" =?base64?w6kgYg==?=\t":   true,
		"=?base64?w6kgYg?=":        false, // without padding
		"=?base64?w6kgYh==?=":      false, // with unused bits
		"=?BASE64?w6kgYg==?=":      false,
		"=?base64?6SBi?=":          false, // no UTF-8
		"w6kgYg==":                 false,
		"":                         false,
		"=?base64?w6kgYg==?=, é b": false,
	} {
		if refusal := checkName(httpcall.Headers{"mcp-name": field}, message); (refusal == nil) != isEqual {
			t.Errorf("%q: got %v", field, refusal)
		}
	}
	if checkName(httpcall.Headers{}, message) == nil {
		t.Error("a missing field was accepted")
	}
	if refusal := checkName(httpcall.Headers{}, &jsonrpc.Message{Method: "tools/list"}); refusal != nil {
		t.Errorf("a method without a name: got %v", refusal)
	}
}

func TestAnnotatedArgumentsAreCompared(t *testing.T) {
	tool := catalog.Tool{Tool: mcp.Tool{Name: "t", InputSchema: json.RawMessage(`{"type":"object","properties":{
		"region":{"type":"string","x-mcp-header":"Region"},
		"deep":{"type":"object","properties":{
			"count":{"type":"integer","x-mcp-header":"Count"},"on":{"type":"boolean","x-mcp-header":"On"}}}}}`)}}
	repeated, err := headerArguments(tool)
	if err != nil || len(repeated) != 3 {
		t.Fatalf("got %v, %v", repeated, err)
	}
	for _, test := range []struct {
		arguments string
		headers   httpcall.Headers
		isEqual   bool
	}{
		{`{}`, nil, true},
		{`{"region":null}`, nil, true},
		{`{"region":"eu"}`, nil, false},
		{`{"region":"eu"}`, httpcall.Headers{"mcp-param-region": "eu"}, true},
		{`{"region":"eu"}`, httpcall.Headers{"mcp-param-region": "EU"}, false},
		{`{"region":"42"}`, httpcall.Headers{"mcp-param-region": "42.0"}, false},
		{`{"region":"é"}`, httpcall.Headers{"mcp-param-region": "=?base64?w6k=?="}, true},
		{`{"deep":{"count":42}}`, httpcall.Headers{"mcp-param-count": "42.0"}, true},
		{`{"deep":{"count":42}}`, httpcall.Headers{"mcp-param-count": "43"}, false},
		{`{"deep":{"count":42}}`, httpcall.Headers{"mcp-param-count": "0x2a"}, false},
		{`{"deep":{"count":9007199254740993}}`, httpcall.Headers{"mcp-param-count": "9007199254740993"}, true},
		{`{"deep":{"count":9007199254740993}}`, httpcall.Headers{"mcp-param-count": "9007199254740992"}, false},
		{`{"deep":{"on":true}}`, httpcall.Headers{"mcp-param-on": "true"}, true},
		{`{"deep":{"on":true}}`, httpcall.Headers{"mcp-param-on": "True"}, false},
	} {
		refusal := checkArguments(test.headers, repeated, json.RawMessage(test.arguments))
		if (refusal == nil) != test.isEqual {
			t.Errorf("%s with %v: got %v", test.arguments, test.headers, refusal)
		}
	}
}

func TestTheMetadataChoosesTheEra(t *testing.T) {
	for params, want := range map[string]bool{
		`{"_meta":{"io.modelcontextprotocol/protocolVersion":"2025-11-25"}}`:      true,
		`{"_meta":{"io.modelcontextprotocol\/protocolVersion":null}}`:             true,
		`{"_meta":{"\u0069o.modelcontextprotocol/protocolVersion":"2026-07-28"}}`: true,
		`{"_meta":{"other":"io.modelcontextprotocol/protocolVersion"}}`:           false,
		`{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}`:                false,
		`{"arguments":{"_meta":{"io.modelcontextprotocol/protocolVersion":"1"}}}`: false,
		`[{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}]`:    false,
		`{"_meta":"io.modelcontextprotocol/protocolVersion"}`:                     false,
		`{}`: false,
	} {
		if got := Serves(&jsonrpc.Message{Params: json.RawMessage(params)}, nil); got != want {
			t.Errorf("%s: got %v", params, got)
		}
	}
	if !Serves(&jsonrpc.Message{}, httpcall.Headers{"mcp-protocol-version": " 2026-07-28 "}) {
		t.Error("the header field was ignored")
	}
}

func TestANotificationMustNotContradictItsHeaderFields(t *testing.T) {
	const metadata = `{"_meta":{"io.modelcontextprotocol/protocolVersion":%s}}`
	for _, test := range []struct {
		version string
		headers httpcall.Headers
		code    int
	}{
		{"", nil, 0},
		{"", httpcall.Headers{"mcp-protocol-version": Revision, "mcp-method": " n/a "}, 0},
		{"", httpcall.Headers{"mcp-method": "n/b"}, failure.CodeHeaderMismatch},
		{"", httpcall.Headers{"mcp-method": "n/a, n/a"}, failure.CodeHeaderMismatch},
		{`"2026-07-28"`, nil, 0},
		{`"2026-07-28"`, httpcall.Headers{"mcp-protocol-version": Revision}, 0},
		{`"2026-07-28"`, httpcall.Headers{"mcp-protocol-version": "2025-11-25"}, failure.CodeHeaderMismatch},
		{`"2025-11-25"`, httpcall.Headers{"mcp-protocol-version": Revision}, failure.CodeHeaderMismatch},
		{`"2025-11-25"`, nil, failure.CodeUnsupportedVersion},
		{`5`, nil, failure.CodeInvalidParams},
	} {
		message := &jsonrpc.Message{Kind: jsonrpc.Notification, Method: "n/a"}
		if test.version != "" {
			message.Params = fmt.Appendf(nil, metadata, test.version)
		}
		code := 0
		if refusal, ok := errors.AsType[*failure.Refusal](CheckNotification(message, test.headers)); ok {
			code = int(refusal.Code)
		}
		if code != test.code {
			t.Errorf("version %s with %v: got %d, want %d", test.version, test.headers, code, test.code)
		}
	}
}

func TestTheMetadataIsChecked(t *testing.T) {
	const version, capabilities = `"io.modelcontextprotocol/protocolVersion":"2026-07-28"`, `"io.modelcontextprotocol/clientCapabilities":`
	for metadata, isValid := range map[string]bool{
		version + `,` + capabilities + `{}`:                true,
		version + `,` + capabilities + `{"unknown":1}`:     true,
		version + `,` + capabilities + `{"sampling":true}`: false,
		version + `,` + capabilities + `[]`:                false,
		version:                                            false,
		capabilities + `{}`:                                false,
		version + `,` + capabilities + `{},"io.modelcontextprotocol/logLevel":"debug"`:                      true,
		version + `,` + capabilities + `{},"io.modelcontextprotocol/logLevel":"loud"`:                       false,
		version + `,` + capabilities + `{},"io.modelcontextprotocol/clientInfo":{"version":"1"}`:            false,
		version + `,` + capabilities + `{},"io.modelcontextprotocol/clientInfo":{"name":"a","version":"1"}`: true,
	} {
		message := &jsonrpc.Message{Params: json.RawMessage(`{"_meta":{` + metadata + `}}`)}
		if _, refusal := readEnvelope(message); (refusal == nil) != isValid {
			t.Errorf("%s: got %v", metadata, refusal)
		}
	}
}
