package httpcall

import "strings"

// Headers maps lower-case names to the header values of a request, without fields that the runtime must ignore.
type Headers map[string]string

// readHeaders checks and normalizes header fields. It fails with INVALID_ARGUMENT for names that are not tokens, values
// with characters other than visible ASCII, space and tab (HEADER-4), and names that differ only in case (HEADER-3).
func readHeaders(fields map[string]string) (Headers, error) {
	headers := make(Headers, len(fields))
	for name, value := range fields {
		if name == "" || strings.ContainsFunc(name, isNotTokenCharacter) {
			return nil, invalid("headers: a name is not an RFC 9110 token")
		}
		lower := strings.ToLower(name)
		if strings.ContainsFunc(value, isNotValueCharacter) {
			return nil, invalid("headers: the value of " + lower + " is not visible ASCII")
		}
		if _, exists := headers[lower]; exists {
			return nil, invalid("headers: " + lower + " occurs twice with different case")
		}
		headers[lower] = value
	}
	for name := range headers {
		if isIgnored(name) {
			delete(headers, name)
		}
	}
	return headers, nil
}

// isIgnored reports whether a field has no effect: it is internal (HEADER-5), or session_id replaces it (SESSION-7).
func isIgnored(name string) bool {
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
