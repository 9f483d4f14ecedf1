package mcpserver

import (
	"sync"

	sdkrpc "github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

// subscriptions maps connections to the resource URIs that they subscribed to. The SDK can store subscriptions, but it
// does not remove the subscriptions of closed connections.
type subscriptions struct {
	mu   sync.Mutex
	uris map[*Conn]map[string]struct{}
}

// add subscribes a connection to a resource. It reports false if the connection is closed or has reached the limit.
func (s *subscriptions) add(conn *Conn, uri string, limit int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	uris := s.uris[conn]
	if _, exists := uris[uri]; exists {
		return true
	}
	if len(uris) >= limit || conn.isClosed() {
		return false
	}
	if uris == nil {
		uris = map[string]struct{}{}
		s.uris[conn] = uris
	}
	uris[uri] = struct{}{}
	return true
}

func (s *subscriptions) remove(conn *Conn, uri string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.uris[conn], uri)
}

func (s *subscriptions) removeAll(conn *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.uris, conn)
}

// notify tells the subscribers of a resource that it has changed (MCP-10).
func (s *subscriptions) notify(uri string) error {
	params, err := jsonrpc.Encode(mcp.ResourceUpdatedNotificationParams{URI: uri})
	if err != nil {
		return err
	}
	text, err := sdkrpc.EncodeMessage(&sdkrpc.Request{Method: "notifications/resources/updated", Params: params})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn, uris := range s.uris {
		if _, subscribed := uris[uri]; subscribed {
			conn.live.Offer(text)
		}
	}
	return nil
}
