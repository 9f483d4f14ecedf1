package jsonrpc

import (
	"bytes"
	"encoding/json"
)

// IsString says whether a JSON token is a string.
func IsString(token json.RawMessage) bool { return len(token) > 0 && token[0] == '"' }

// IsInteger says whether a JSON token is a number without fraction and exponent.
func IsInteger(token json.RawMessage) bool {
	return isNumber(token) && !bytes.ContainsAny(token, ".eE")
}

func isNumber(token json.RawMessage) bool {
	return len(token) > 0 && (token[0] == '-' || '0' <= token[0] && token[0] <= '9')
}

func text(token json.RawMessage) (string, bool) {
	var value string
	if !IsString(token) || json.Unmarshal(token, &value) != nil {
		return "", false
	}
	return value, true
}

// Member is the JSON token of a member of an object, found by the names of members from the outermost inwards; nil where
// there is none.
func Member(object json.RawMessage, path ...string) json.RawMessage {
	for _, name := range path {
		var members map[string]json.RawMessage
		if len(object) == 0 || object[0] != '{' || json.Unmarshal(object, &members) != nil {
			return nil
		}
		object = members[name]
	}
	return object
}

// Encode writes a value as JSON without spaces, and without the escapes that only HTML needs.
func Encode(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}

// nestedDeeper says whether objects and arrays are nested deeper than a limit.
func nestedDeeper(text []byte, limit int) bool {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			if depth++; depth > limit {
				return true
			}
		case '}', ']':
			depth--
		}
	}
	return false
}
