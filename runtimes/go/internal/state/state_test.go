package state

import (
	"encoding/base64"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
)

func newSealer(t *testing.T, secret []byte) *Sealer {
	t.Helper()
	sealer, err := NewSealer(secret, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return sealer
}

func TestStateEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sealer, binding := newSealer(t, nil), []byte("binding")
		state, err := sealer.Seal(binding, map[string]int{"step": 1}, 0)
		if err != nil {
			t.Fatal(err)
		}
		brief, err := sealer.Seal(binding, "payload", time.Second)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if _, ok := sealer.Open(binding, brief); ok {
			t.Error("brief state outlived its lifetime")
		}
		if payload, ok := sealer.Open(binding, state); !ok || string(payload) != `{"step":1}` {
			t.Errorf("got %s, %v", payload, ok)
		}
		time.Sleep(time.Millisecond)
		if _, ok := sealer.Open(binding, state); ok {
			t.Error("state outlived its lifetime")
		}
	})
}

func TestSealersWithTheSameSecretShareState(t *testing.T) {
	secret, binding := []byte("a secret of at least thirty-two bytes"), []byte("binding")
	state, err := newSealer(t, secret).Seal(binding, "payload", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if payload, ok := newSealer(t, secret).Open(binding, state); !ok || string(payload) != `"payload"` {
		t.Errorf("got %s, %v", payload, ok)
	}
}

func TestAlteredStateIsRefused(t *testing.T) {
	sealer, binding := newSealer(t, nil), []byte("binding")
	state, err := sealer.Seal(binding, "payload", 0)
	if err != nil {
		t.Fatal(err)
	}
	text, err := base64.RawURLEncoding.DecodeString(state)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(text) * 8 {
		text[bit/8] ^= 1 << (bit % 8)
		if _, ok := sealer.Open(binding, base64.RawURLEncoding.EncodeToString(text)); ok {
			t.Errorf("bit %d could be changed", bit)
		}
		text[bit/8] ^= 1 << (bit % 8)
	}
	for i := range state {
		for _, altered := range []string{state[:i], state[:i] + "\n" + state[i:], state[:i] + "A" + state[i:]} {
			if _, ok := sealer.Open(binding, altered); ok {
				t.Errorf("%q was accepted", altered)
			}
		}
	}
	// The last character has unused bits.
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for _, last := range alphabet {
		altered := state[:len(state)-1] + string(last)
		if _, ok := sealer.Open(binding, altered); ok && altered != state {
			t.Errorf("%q was accepted", altered)
		}
	}
	if _, ok := newSealer(t, nil).Open(binding, state); ok {
		t.Error("the state of another process was accepted")
	}
}

func TestTheBindingOfARequest(t *testing.T) {
	bind := func(owner, server, method, params string) string {
		return string(Binding(catalog.Scope{Owner: owner, ServerID: server}, method, json.RawMessage(params)))
	}
	first := bind("a", "s", "tools/call", `{"name":"t","arguments":{"x":1,"y":[2]}}`)
	again := `{"arguments":{"y":[2],"x":1},"name":"t","_meta":{},"requestState":"s","inputResponses":{}}`
	if bind("a", "s", "tools/call", again) != first {
		t.Error("a later round has another binding")
	}
	for _, other := range []string{
		bind("b", "s", "tools/call", again),
		bind("a", "", "tools/call", again),
		bind("a", "s", "prompts/get", again),
		bind("a", "s", "tools/call", `{"name":"t","arguments":{"x":1,"y":[3]}}`),
		bind("a", "s", "tools/call", `{"name":"t"}`),
	} {
		if other == first {
			t.Error("another request has the same binding")
		}
	}
}
