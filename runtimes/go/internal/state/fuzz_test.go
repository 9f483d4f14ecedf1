package state

import (
	"encoding/base64"
	"testing"
	"time"
)

// FuzzOpen checks that state is opened only unaltered and with its binding.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("binding"), []byte("binding"), uint(0), byte(0))
	f.Add([]byte("binding"), []byte("other"), uint(0), byte(0))
	f.Add([]byte{}, []byte{}, uint(40), byte(1))
	sealer, err := NewSealer(nil, time.Hour)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, sealedFor, openedFor []byte, position uint, change byte) {
		state, err := sealer.Seal(sealedFor, map[string]int{"round": 1}, 0)
		if err != nil {
			t.Fatal(err)
		}
		bytes, err := base64.RawURLEncoding.DecodeString(state)
		if err != nil {
			t.Fatal(err)
		}
		bytes[position%uint(len(bytes))] ^= change
		_, ok := sealer.Open(openedFor, base64.RawURLEncoding.EncodeToString(bytes))
		if isOwn := change == 0 && string(sealedFor) == string(openedFor); ok != isOwn {
			t.Errorf("state for %q with the change %d at %d: opened for %q: %v", sealedFor, change, position, openedFor, ok)
		}
	})
}

// FuzzInvented checks that no text that the sealer did not write is opened.
func FuzzInvented(f *testing.F) {
	sealer, err := NewSealer(nil, time.Hour)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("")
	f.Add("KBKWWVWgvuY7ovVkDyM2UBcMcRIJ6GEYDbNC3vXXVsIbh71KXp-emStHCBK7SZFyokQz8vpj3icZBpggPg_WeVj-JFWZDEJO")
	f.Add("e30\n")
	f.Fuzz(func(t *testing.T, state string) {
		if payload, ok := sealer.Open(nil, state); ok {
			t.Errorf("%q was opened: %s", state, payload)
		}
	})
}
