package jsonrpc

import (
	"encoding/json"
	"strings"
)

// Members returns the members of an object in valid JSON. It reports false for any other JSON. If a name occurs more
// than once, the last value counts.
//
// It does not decode the values, and does not check the JSON again, as encoding/json would.
func Members(object json.RawMessage) (members map[string]json.RawMessage, ok bool) {
	if len(object) == 0 || object[0] != '{' {
		return nil, false
	}
	members = make(map[string]json.RawMessage)
	at := skipSpace(object, 1)
	for at < len(object) && object[at] == '"' {
		end := endOfValue(object, at)
		name, isText := Text(object[at:end])
		at = skipSpace(object, end)
		if !isText || at >= len(object) || object[at] != ':' {
			return nil, false
		}
		at = skipSpace(object, at+1)
		end = endOfValue(object, at)
		members[name] = object[at:end:end]
		if at = skipSpace(object, end); at < len(object) && object[at] == ',' {
			at = skipSpace(object, at+1)
		}
	}
	return members, at < len(object) && object[at] == '}'
}

func skipSpace(text []byte, at int) int {
	for at < len(text) && strings.IndexByte(" \t\r\n", text[at]) >= 0 {
		at++
	}
	return at
}

// endOfValue returns the index after the value that begins at an index.
func endOfValue(text []byte, at int) int {
	depth := 0
	for ; at < len(text); at++ {
		switch text[at] {
		case '"':
			at = endOfString(text, at) - 1
		case '{', '[':
			depth++
			continue
		case '}', ']':
			if depth--; depth < 0 {
				return at
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return at
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			return at + 1
		}
	}
	return len(text)
}

// endOfString returns the index after the string that begins at an index.
func endOfString(text []byte, at int) int {
	for at++; at < len(text) && text[at] != '"'; at++ {
		if text[at] == '\\' {
			at++
		}
	}
	return min(at+1, len(text))
}
