// Package state protects the state of questions, which callers send back with their answers.
package state

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

// Sealer protects the state of questions with a secret. Callers can neither read nor change it.
type Sealer struct {
	aead     cipher.AEAD
	lifetime time.Duration
}

// NewSealer returns a sealer whose state is valid for a lifetime. Sealers with the same secret accept each other's
// state. If the secret is nil, it is random, so that state does not outlive the process.
func NewSealer(secret []byte, lifetime time.Duration) (*Sealer, error) {
	if secret == nil {
		secret = make([]byte, 32)
		rand.Read(secret)
	}
	key := sha256.Sum256(secret)
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &Sealer{aead, lifetime}, err
}

// sealed is the content of state.
type sealed struct {
	// Ends is the end of the lifetime in milliseconds since the epoch.
	Ends    int64           `json:"ends"`
	Payload json.RawMessage `json:"payload"`
}

// Seal returns state for a later request with the same binding. A lifetime other than 0 replaces that of the sealer.
func (s *Sealer) Seal(binding []byte, payload any, lifetime time.Duration) (string, error) {
	if lifetime == 0 {
		lifetime = s.lifetime
	}
	text, err := jsonrpc.Encode(payload)
	if err != nil {
		return "", err
	}
	content, err := jsonrpc.Encode(sealed{time.Now().Add(lifetime).UnixMilli(), text})
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, content, binding)), nil
}

// Open returns the payload of state. It reports false for state that was altered or invented, has another binding, or
// has outlived its lifetime (MODERN-13, MODERN-14).
func (s *Sealer) Open(binding []byte, state string) (payload json.RawMessage, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(state)
	// The decoder ignores line breaks and unused bits, so it accepts several encodings of the same bytes.
	if err != nil || base64.RawURLEncoding.EncodeToString(text) != state {
		return nil, false
	}
	content, err := s.aead.Open(nil, nil, text, binding)
	if err != nil {
		return nil, false
	}
	var read sealed
	if json.Unmarshal(content, &read) != nil || time.Now().UnixMilli() > read.Ends {
		return nil, false
	}
	return read.Payload, true
}

// Binding identifies a request of a caller: the caller, the virtual server, the method, and the params apart from those
// that differ between its rounds.
func Binding(scope catalog.Scope, method string, params json.RawMessage) []byte {
	members, _ := jsonrpc.Members(params)
	lasting := map[string]any{}
	for name, value := range members {
		switch name {
		case "_meta", "inputResponses", "requestState":
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(value))
		decoder.UseNumber()
		var decoded any
		if decoder.Decode(&decoded) == nil {
			lasting[name] = decoded
		}
	}
	// Encode sorts the members of maps, because their order has no meaning.
	text, err := jsonrpc.Encode([]any{scope.Owner, scope.ServerID, method, lasting})
	if err != nil {
		panic(err) // Unreachable: decoded JSON can be encoded.
	}
	digest := sha256.Sum256(text)
	return digest[:]
}
