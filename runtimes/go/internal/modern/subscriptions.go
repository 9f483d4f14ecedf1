package modern

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// subscriptions are the open subscriptions of a server.
type subscriptions struct {
	server *Server

	mu    sync.Mutex
	open  map[*subscription]struct{}
	ended bool
}

func newSubscriptions(server *Server) *subscriptions {
	return &subscriptions{server: server, open: map[*subscription]struct{}{}}
}

// subscription is the stream of one subscriptions/listen. Every message carries the id of its request, as the verbatim
// token (MODERN-15).
type subscription struct {
	id     string
	owner  string
	filter filter
	reader *stream.Reader
	expiry *time.Timer
}

// filter selects changes (MODERN-16).
type filter struct {
	Tools     bool     `json:"toolsListChanged,omitempty"`
	Prompts   bool     `json:"promptsListChanged,omitempty"`
	Resources bool     `json:"resourcesListChanged,omitempty"`
	URIs      []string `json:"resourceSubscriptions,omitempty"`
}

// readFilter reads a valid filter. encoding/json alone would ignore the letter case of member names.
func readFilter(token json.RawMessage) filter {
	members, _ := jsonrpc.Members(token)
	isTrue := func(name string) bool { return string(members[name]) == "true" }
	var uris []string
	if text := members["resourceSubscriptions"]; text != nil {
		_ = json.Unmarshal(text, &uris) // Its shape was checked.
	}
	return filter{isTrue("toolsListChanged"), isTrue("promptsListChanged"), isTrue("resourcesListChanged"), uris}
}

func (f filter) isEmpty() bool { return !f.Tools && !f.Prompts && !f.Resources && len(f.URIs) == 0 }

// served returns the part of a filter that a catalog can honour.
func (f filter) served(entries *catalog.Catalog) filter {
	f.Tools = f.Tools && entries.Tools != nil
	f.Prompts = f.Prompts && entries.Prompts != nil
	if entries.Read == nil {
		f.Resources, f.URIs = false, nil
	}
	return f
}

// Listen opens a subscription: it writes the acknowledgement and then the changes to the reader. The subscription ends
// with its result when the caller's credentials expire (MODERN-20), when the server ends it, or at once if its filter
// selects nothing. expiresAt is in milliseconds since the epoch, or 0. The caller must call the returned function at
// the end of the call, which removes the subscription.
func (r *Request) Listen(reader *stream.Reader, expiresAt uint64) (remove func(), err error) {
	all := r.server.subscriptions
	opened := &subscription{id: r.message.ID, owner: r.scope.Owner, filter: readFilter(r.members["notifications"]).served(r.server.options.Catalog), reader: reader}
	all.mu.Lock()
	defer all.mu.Unlock()
	if !all.hasRoom(r.scope) {
		limited := failure.NewRPC(failure.RateLimited, failure.CodeInternalError, "too_many_subscriptions",
			"The server has too many subscriptions")
		return nil, &failure.Refusal{RPC: *limited, ID: r.message.ID}
	}
	text, err := opened.message("notifications/subscriptions/acknowledged", map[string]any{"notifications": opened.filter})
	if err != nil {
		return nil, err
	}
	// Under the lock, no change can precede the acknowledgement.
	reader.Offer(text, r.server.options.BufferBytes)
	all.open[opened] = struct{}{}
	if all.ended || opened.filter.isEmpty() {
		all.end(opened)
	} else if expiresAt != 0 {
		opened.expiry = time.AfterFunc(identity.UntilExpiry(expiresAt), func() {
			all.mu.Lock()
			defer all.mu.Unlock()
			all.end(opened)
		})
	}
	return func() {
		all.mu.Lock()
		defer all.mu.Unlock()
		all.remove(opened)
	}, nil
}

// reservedShare is the share of all subscriptions that no caller alone can use up. All anonymous callers count as one.
const reservedShare = 10

// hasRoom reports whether a caller may open another subscription: the subscriptions of one caller do not lock out
// another (MODERN-64). Callers must hold the mutex.
func (s *subscriptions) hasRoom(scope catalog.Scope) bool {
	options := s.server.options
	limit := options.MaxSubscriptions - options.MaxSubscriptions/reservedShare
	if scope.Caller.Known() {
		limit = min(limit, options.MaxSubscriptionsPerCaller)
	}
	count := 0
	for each := range s.open {
		if each.owner == scope.Owner {
			count++
		}
	}
	return len(s.open) < options.MaxSubscriptions && count < limit
}

func (s *subscriptions) listChanged(list catalog.List) error {
	return s.notify("notifications/"+string(list)+"/list_changed", nil, func(f filter) bool {
		switch list {
		case catalog.ToolList:
			return f.Tools
		case catalog.PromptList:
			return f.Prompts
		}
		return f.Resources
	})
}

func (s *subscriptions) resourceUpdated(uri string) error {
	return s.notify("notifications/resources/updated", &uri, func(f filter) bool { return slices.Contains(f.URIs, uri) })
}

// notify sends a notification to the subscriptions whose filter asks for it.
func (s *subscriptions) notify(method string, uri *string, asks func(filter) bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for each := range s.open {
		if !asks(each.filter) {
			continue
		}
		params := map[string]any{}
		if uri != nil {
			params["uri"] = *uri
		}
		text, err := each.message(method, params)
		if err != nil {
			return err
		}
		each.reader.Offer(text, s.server.options.BufferBytes)
	}
	return nil
}

func (s *subscriptions) endAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for each := range s.open {
		s.end(each)
	}
}

// end ends a subscription with the result of its request. For end and remove, callers must hold the mutex.
func (s *subscriptions) end(ended *subscription) {
	if _, isOpen := s.open[ended]; !isOpen {
		return
	}
	s.remove(ended)
	identity := append([]byte{}, s.server.identity[:len(s.server.identity)-1]...)
	identity = append(append(append(identity, `,"`+mcp.MetaKeySubscriptionID+`":`...), ended.id...), '}')
	last := &result{complete, json.RawMessage("{}")}
	ended.reader.End(last.response(ended.id, identity))
}

func (s *subscriptions) remove(removed *subscription) {
	delete(s.open, removed)
	if removed.expiry != nil {
		removed.expiry.Stop()
	}
}

// message encodes a notification that carries the id of the subscription.
func (s *subscription) message(method string, params map[string]any) ([]byte, error) {
	params["_meta"] = map[string]json.RawMessage{mcp.MetaKeySubscriptionID: json.RawMessage(s.id)}
	return notification(method, params)
}
