package jsonrpc

// maxMembers limits the members of one object (LIMIT-5). A member costs decoders much more than its bytes.
const maxMembers = 10_000

// exceeds reports whether a text nests objects and arrays deeper than a limit, or has an object with more members than
// a limit. The text need not be valid JSON.
func exceeds(text []byte, maxDepth, maxWidth int) (isDeep, isWide bool) {
	depth, members := 0, 0
	var outer []int
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case ':':
			if members++; members > maxWidth {
				return isDeep, true
			}
		case '{':
			outer = append(outer, members)
			members = 0
			depth++
		case '[':
			depth++
		case '}':
			if len(outer) > 0 {
				members = outer[len(outer)-1]
				outer = outer[:len(outer)-1]
			}
			depth--
		case ']':
			depth--
		}
		isDeep = isDeep || depth > maxDepth
	}
	return isDeep, false
}
