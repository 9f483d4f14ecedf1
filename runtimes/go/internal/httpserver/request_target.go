package httpserver

import "bytes"

// escapedPercent is the percent-encoded percent sign.
const escapedPercent = "%25"

// withValidEscapes escapes each percent sign of a request line that does not begin an escape, because net/http refuses
// such a target. Its path may still be an MCP endpoint: an id in the path has no effect (RPC-8), so it may contain
// anything.
func withValidEscapes(line []byte) []byte {
	if !bytes.Contains(line, []byte{'%'}) {
		return line
	}
	var valid []byte
	for at, character := range line {
		if character == '%' && !beginsEscape(line[at:]) {
			valid = append(valid, escapedPercent...)
			continue
		}
		valid = append(valid, character)
	}
	return valid
}

func beginsEscape(text []byte) bool {
	return len(text) > 2 && isHexadecimal(text[1]) && isHexadecimal(text[2])
}

func isHexadecimal(character byte) bool {
	return '0' <= character && character <= '9' || 'a' <= character|0x20 && character|0x20 <= 'f'
}
