package jsonrpc

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
)

// IsString reports whether a JSON token is a string.
func IsString(token json.RawMessage) bool { return len(token) > 0 && token[0] == '"' }

// IsInteger reports whether a JSON token is a number without fraction and exponent.
func IsInteger(token json.RawMessage) bool {
	return IsNumber(token) && !bytes.ContainsAny(token, ".eE")
}

// IsNumber reports whether a JSON token is a number.
func IsNumber(token json.RawMessage) bool {
	return len(token) > 0 && (token[0] == '-' || '0' <= token[0] && token[0] <= '9')
}

// Text returns the text of a JSON string. It reports false for any other token.
func Text(token json.RawMessage) (string, bool) {
	if isPlain(token) {
		return string(token[1 : len(token)-1]), true
	}
	var value string
	if !IsString(token) || json.Unmarshal(token, &value) != nil {
		return "", false
	}
	return value, true
}

// isPlain reports whether a token is a string of ASCII characters without escape sequences, as most strings are. Its
// text needs no decoding.
func isPlain(token json.RawMessage) bool {
	last := len(token) - 1
	if last < 1 || token[0] != '"' || token[last] != '"' {
		return false
	}
	for _, c := range token[1:last] {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// IsWhole reports whether a JSON token is a number without a fraction, such as 5, 5.0 or 5e1.
func IsWhole(token json.RawMessage) bool {
	if !IsNumber(token) || IsInteger(token) {
		return IsNumber(token)
	}
	number, err := strconv.ParseFloat(string(token), 64)
	return err == nil && number == math.Trunc(number)
}

// Member returns the JSON token at a path of member names, or nil.
func Member(object json.RawMessage, path ...string) json.RawMessage {
	for _, name := range path {
		members, _ := Members(object)
		object = members[name]
	}
	return object
}

// Encode encodes a value as JSON without spaces or HTML escapes.
func Encode(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}
