package httpcall

import "strings"

// Headers are the header fields of a request by lower-case name, without those that must have no effect.
type Headers map[string]string

// readHeaders fails with INVALID_ARGUMENT for names that are not tokens, values with characters other than visible ASCII,
// space and tab (HEADER-4), and names that differ only in case (HEADER-3).
func readHeaders(fields map[string]string) (Headers, error) {
	headers := make(Headers, len(fields))
	for name, value := range fields {
		if name == "" || strings.ContainsFunc(name, isNotTokenCharacter) {
			return nil, invalid("headers: a name is not a token of RFC 9110")
		}
		lower := strings.ToLower(name)
		if strings.ContainsFunc(value, isNotValueCharacter) {
			return nil, invalid("headers: the value of " + lower + " is not visible ASCII")
		}
		if _, twice := headers[lower]; twice {
			return nil, invalid("headers: " + lower + " occurs twice, in different case")
		}
		headers[lower] = value
	}
	for name := range headers {
		if isWithoutEffect(name) {
			delete(headers, name)
		}
	}
	return headers, nil
}

// isWithoutEffect reports whether a field is internal (HEADER-5) or replaced by session_id (SESSION-7).
func isWithoutEffect(name string) bool {
	switch name {
	case "mcp-session-id", "x-mcp-session-id", "x-forwarded-internally", "x-original-worker":
		return true
	}
	return strings.HasPrefix(name, "x-contextforge-")
}

func isNotTokenCharacter(c rune) bool {
	return c <= ' ' || c > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
}

func isNotValueCharacter(c rune) bool {
	return c != '\t' && (c < ' ' || c > '~')
}
