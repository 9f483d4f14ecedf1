package modern

import (
	"encoding/json"
	"slices"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/params"
)

// envelope is the metadata of one request, which replaces a handshake.
type envelope struct {
	version      string
	capabilities json.RawMessage
	// logLevel is the lowest level of the log messages that the caller wants, or "" for none.
	logLevel string
	// progressToken is the verbatim token, or nil.
	progressToken json.RawMessage
}

// readEnvelope reads the metadata of a request. It refuses metadata without version and capabilities (MODERN-5).
func readEnvelope(message *jsonrpc.Message) (envelope, *failure.Refusal) {
	invalid := func(member string) (envelope, *failure.Refusal) {
		return envelope{}, refuse(invalidMetadata(member))
	}
	metadata, _ := jsonrpc.Members(jsonrpc.Member(message.Params, "_meta"))
	read := envelope{
		capabilities:  metadata[mcp.MetaKeyClientCapabilities],
		progressToken: metadata["progressToken"],
	}
	var ok bool
	if read.version, ok = jsonrpc.Text(metadata[mcp.MetaKeyProtocolVersion]); !ok {
		return invalid(mcp.MetaKeyProtocolVersion)
	}
	if !areCapabilities(read.capabilities) {
		return invalid(mcp.MetaKeyClientCapabilities)
	}
	if client, given := metadata[mcp.MetaKeyClientInfo]; given && !isImplementation(client) {
		return invalid(mcp.MetaKeyClientInfo)
	}
	if level, given := metadata[mcp.MetaKeyLogLevel]; given {
		if read.logLevel, ok = jsonrpc.Text(level); !ok || !slices.Contains(params.Levels, read.logLevel) {
			return invalid(mcp.MetaKeyLogLevel)
		}
	}
	return read, nil
}

func invalidMetadata(member string) *failure.RPC {
	return failure.InvalidParams(`The member "` + member + `" of params._meta is missing or invalid`)
}

// areCapabilities reports whether a token is an object whose known members are objects.
func areCapabilities(token json.RawMessage) bool {
	members, ok := jsonrpc.Members(token)
	if !ok {
		return false
	}
	for _, name := range []string{"elicitation", "sampling", "roots", "experimental", "extensions"} {
		if value := members[name]; value != nil && value[0] != '{' {
			return false
		}
	}
	return true
}

func isImplementation(token json.RawMessage) bool {
	return jsonrpc.IsString(jsonrpc.Member(token, "name")) && jsonrpc.IsString(jsonrpc.Member(token, "version"))
}

// declares reports whether the request declares a capability, or a member of one.
func (e envelope) declares(capability string, member ...string) bool {
	declared := jsonrpc.Member(e.capabilities, append([]string{capability}, member...)...)
	return declared != nil && string(declared) != "null"
}

// wants reports whether the caller wants log messages of a level (MODERN-19).
func (e envelope) wants(level mcp.LoggingLevel) bool {
	return e.logLevel != "" && slices.Index(params.Levels, string(level)) >= slices.Index(params.Levels, e.logLevel)
}
