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
	limits SubscriptionLimits

	mu   sync.Mutex
	uris map[*Conn]map[string]struct{}
	// held counts the subscriptions of each owner, so that one caller does not lock out another.
	held  map[string]int
	total int
}

// SubscriptionLimits limit the resources that sessions may subscribe to (MCP-18).
type SubscriptionLimits struct {
	PerSession int
	// PerCaller limits a caller with an identity, in all of its sessions.
	PerCaller int
	// Total limits all callers together.
	Total int
	// URIBytes limits the length of a URI.
	URIBytes int
}

// reservedShare is the divisor for the part of the total that no caller alone can use up. All anonymous callers count as
// one.
const reservedShare = 10

func newSubscriptions(limits SubscriptionLimits) *subscriptions {
	return &subscriptions{limits: limits, uris: map[*Conn]map[string]struct{}{}, held: map[string]int{}}
}

// hasRoom reports whether an owner may have another subscription. Callers must hold the mutex.
func (s *subscriptions) hasRoom(owner string) bool {
	limit := s.limits.Total - s.limits.Total/reservedShare
	if owner != "" {
		limit = min(limit, s.limits.PerCaller)
	}
	return s.total < s.limits.Total && s.held[owner] < limit
}

// release counts ended subscriptions. Callers must hold the mutex.
func (s *subscriptions) release(owner string, count int) {
	if s.held[owner] -= count; s.held[owner] == 0 {
		delete(s.held, owner)
	}
	s.total -= count
}

// add subscribes a connection to a resource. It reports false if the connection is closed, or if the session or its
// owner has reached a limit.
func (s *subscriptions) add(conn *Conn, uri string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	uris := s.uris[conn]
	if _, exists := uris[uri]; exists {
		return true
	}
	if len(uris) >= s.limits.PerSession || !s.hasRoom(conn.owner) || conn.isClosed() {
		return false
	}
	if uris == nil {
		uris = map[string]struct{}{}
		s.uris[conn] = uris
	}
	uris[uri] = struct{}{}
	s.held[conn.owner]++
	s.total++
	return true
}

func (s *subscriptions) remove(conn *Conn, uri string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, exists := s.uris[conn][uri]; exists {
		delete(s.uris[conn], uri)
		s.release(conn.owner, 1)
	}
}

func (s *subscriptions) removeAll(conn *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release(conn.owner, len(s.uris[conn]))
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
