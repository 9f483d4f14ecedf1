package httpcall

import "strings"

// Headers are the header fields of a request by their lower-case names, without those that must have no effect.
type Headers map[string]string

// readHeaders fails with INVALID_ARGUMENT for a name that is no token, a value outside visible ASCII, space and tab
// (HEADER-4), and two names that differ in case alone (HEADER-3).
func readHeaders(fields map[string]string) (Headers, error) {
	headers := make(Headers, len(fields))
	for name, value := range fields {
		if name == "" || strings.ContainsFunc(name, isNoTokenCharacter) {
			return nil, invalid("headers: a name is not a token of RFC 9110")
		}
		lower := strings.ToLower(name)
		if strings.ContainsFunc(value, isNoValueCharacter) {
			return nil, invalid("headers: the value of " + lower + " is not visible ASCII")
		}
		if _, twice := headers[lower]; twice {
			return nil, invalid("headers: " + lower + " is named twice, in different case")
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

// isWithoutEffect names internal fields (HEADER-5), and the one whose place the field session_id has taken (SESSION-7).
func isWithoutEffect(name string) bool {
	switch name {
	case "mcp-session-id", "x-mcp-session-id", "x-forwarded-internally", "x-original-worker":
		return true
	}
	return strings.HasPrefix(name, "x-contextforge-")
}

func isNoTokenCharacter(c rune) bool {
	return c <= ' ' || c > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
}

func isNoValueCharacter(c rune) bool {
	return c != '\t' && (c < ' ' || c > '~')
}
