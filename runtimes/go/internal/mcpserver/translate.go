package mcpserver

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"

	sdkrpc "github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

// paramsFor returns the params for the SDK. If initialize requests a revision later than those with sessions, the SDK
// would switch to that revision.
func paramsFor(request *jsonrpc.Message) json.RawMessage {
	if request.Method != "initialize" {
		return request.Params
	}
	requested, ok := jsonrpc.Text(jsonrpc.Member(request.Params, "protocolVersion"))
	if !ok {
		return request.Params
	}
	return withMember(request.Params, "protocolVersion", json.RawMessage(strconv.Quote(negotiate(requested))))
}

// rawContent is the metadata key under which a result carries its verbatim content.
const rawContent = "mcp-runtime/raw-content"

// withRawContent copies the content of a result into its metadata. The SDK adds the form's default values to the
// content of an elicitation, and loses the order of its members.
func withRawContent(result json.RawMessage) json.RawMessage {
	content := jsonrpc.Member(result, "content")
	if content == nil {
		return result
	}
	metadata, err := jsonrpc.Encode(map[string]string{rawContent: string(content)})
	if err != nil {
		return result
	}
	return withMember(result, "_meta", metadata)
}

// withMember sets a member of an object, or removes it if the value is nil. It returns any other JSON unchanged.
func withMember(object json.RawMessage, name string, value json.RawMessage) json.RawMessage {
	members, ok := jsonrpc.Members(object)
	if !ok {
		return object
	}
	if value == nil {
		delete(members, name)
	} else {
		members[name] = value
	}
	text, err := jsonrpc.Encode(members)
	if err != nil {
		return object
	}
	return text
}

// canonical returns the same JSON token for equal ids. JSON can escape a string in several ways.
func canonical(token json.RawMessage) []byte {
	var text string
	if !jsonrpc.IsString(token) || json.Unmarshal(token, &text) != nil {
		return token
	}
	encoded, err := jsonrpc.Encode(text)
	if err != nil {
		return token
	}
	return encoded
}

func responseID(token string) (sdkrpc.ID, bool) {
	var text string
	if json.Unmarshal([]byte(token), &text) == nil {
		return sdkID(text), true
	}
	number, err := strconv.ParseFloat(token, 64)
	if err != nil || number != math.Trunc(number) || math.Abs(number) > 1<<53 {
		return sdkrpc.ID{}, false
	}
	return sdkID(number), true
}

func sdkID(value any) sdkrpc.ID {
	id, err := sdkrpc.MakeID(value)
	if err != nil {
		panic(err) // All callers pass strings or numbers.
	}
	return id
}

// shield makes an error safe to send (ERROR-3). It returns the runtime's own errors unchanged, and replaces the text of
// any other error with a fixed text for its code.
func shield(method string, err error) *failure.RPC {
	if own, ok := errors.AsType[*failure.RPC](err); ok {
		return own
	}
	code := int64(sdkrpc.CodeInternalError)
	if method == "initialize" {
		code = sdkrpc.CodeInvalidParams // For invalid params of initialize, the SDK's error has no code.
	}
	if foreign, ok := errors.AsType[*sdkrpc.Error](err); ok {
		code = foreign.Code
	}
	switch code {
	case sdkrpc.CodeMethodNotFound:
		return failure.MethodNotFound()
	// The SDK reports missing params as an invalid request (JSONRPC-9).
	case sdkrpc.CodeInvalidParams, sdkrpc.CodeInvalidRequest:
		return failure.InvalidParams("Invalid params")
	case mcp.CodeUnsupportedProtocolVersion:
		unsupported := failure.NewRPC(failure.InvalidArgument, mcp.CodeUnsupportedProtocolVersion,
			"protocol_version_not_served", "The protocol version is not supported")
		unsupported.Data = map[string]any{"supported": Revisions()}
		return unsupported
	}
	return failure.InternalError()
}
