package modern

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

// FuzzHeaderValue checks that the encoded form of a text has the value of the text, and that no two texts are equal.
func FuzzHeaderValue(f *testing.F) {
	for _, texts := range [][2]string{{"a", "=?base64?YQ==?="}, {"=?base64?", "?="}, {"é", "42.0"}, {"9007199254740993", "1e400"}, {"-0", "0"}} {
		f.Add(texts[0], texts[1])
	}
	f.Fuzz(func(t *testing.T, text, field string) {
		value, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		// JSON has no text that is not UTF-8.
		text, _ = jsonrpc.Text(value)
		encoded := encodedPrefix + base64.StdEncoding.EncodeToString([]byte(text)) + encodedSuffix
		if decoded, ok := decode(encoded); !ok || decoded != text || !equals(decoded, value) {
			t.Errorf("%q is decoded to %q", encoded, decoded)
		}
		decoded, ok := decode(field)
		if ok && equals(decoded, value) != (decoded == text) {
			t.Errorf("%q equals %s", field, value)
		}
	})
}
