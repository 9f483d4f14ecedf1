package mcpserver

import (
	"fmt"
	"strings"
	"testing"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
)

func TestOnlyOpenSubscriptionsOfACallerCount(t *testing.T) {
	limits := SubscriptionLimits{PerSession: 10, PerCaller: 3, Total: 5}
	all := newSubscriptions(limits)
	open := func(owner string) *Conn { return &Conn{owner: owner, closed: make(chan struct{})} }
	first, second, other, anonymous := open("ann"), open("ann"), open("bob"), open("")
	add := func(conn *Conn, uri string, want bool) {
		t.Helper()
		if got := all.add(conn, uri); got != want {
			t.Errorf("%q to %s: got %t", conn.owner, uri, got)
		}
	}
	add(first, "a", true)
	add(first, "a", true)
	add(first, "b", true)
	add(second, "a", true)
	add(second, "b", false)
	add(other, "a", true)
	add(anonymous, "a", true)
	add(other, "b", false)
	all.remove(first, "a")
	all.remove(first, "a")
	add(second, "b", true)
	all.removeAll(first)
	add(second, "c", true)
	for _, conn := range []*Conn{second, other, anonymous} {
		all.removeAll(conn)
	}
	if all.total != 0 || len(all.held) != 0 || len(all.uris) != 0 {
		t.Errorf("left: %d, %v, %v", all.total, all.held, all.uris)
	}
}

func TestTheURIOfASubscriptionIsLimitedInLength(t *testing.T) {
	server := newServer(t, catalog.Conformance())
	conn, _ := connect(t, server)
	for length, want := range map[int]int{10: 0, 100: -32602} {
		params := fmt.Sprintf(`{"uri":"test://template/%s/data"}`, strings.Repeat("x", length))
		if code := errorCode(t, call(t, conn, request("1", "resources/subscribe", params))); code != want {
			t.Errorf("%d characters: got %d", length, code)
		}
	}
}
