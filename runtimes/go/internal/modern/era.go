// Package modern serves MCP 2026-07-28, the revision without handshake and sessions. It uses the types of the SDK, but
// not its server: the SDK keeps the capabilities of a connection's first request for later ones, numbers ids, and
// checks fewer header fields than the contract requires. Here, a request is one function call, so it leaves no state
// behind.
package modern

import (
	"bytes"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

// Revision is the revision that this package serves.
const Revision = "2026-07-28"

var revisionKey = []byte(mcp.MetaKeyProtocolVersion)

// Serves reports whether a message belongs to this revision (MODERN-1). Its own metadata decides. Without a version
// there, the header field does, so that a request with incomplete metadata gets the error of this revision (MODERN-5).
func Serves(message *jsonrpc.Message, headers httpcall.Headers) bool {
	return NamedBy(headers) || claims(message)
}

// NamedBy reports whether the header fields name this revision.
func NamedBy(headers httpcall.Headers) bool {
	return strings.Trim(headers["mcp-protocol-version"], " \t") == Revision
}

func claims(message *jsonrpc.Message) bool {
	// Most requests of other revisions have neither the key nor an escape sequence, and are not decoded for this.
	if !bytes.Contains(message.Params, revisionKey) && bytes.IndexByte(message.Params, '\\') < 0 {
		return false
	}
	return jsonrpc.Member(message.Params, "_meta", mcp.MetaKeyProtocolVersion) != nil
}
