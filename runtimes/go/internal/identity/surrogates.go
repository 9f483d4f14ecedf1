package identity

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf16"
)

// hasUnpairedSurrogate reports whether valid JSON contains the escape sequence of a surrogate that is not part of a pair.
// No Go string can represent it.
func hasUnpairedSurrogate(token []byte) bool {
	for {
		at := bytes.IndexByte(token, '\\')
		if at < 0 {
			return false
		}
		token = token[at:]
		unit := codeUnit(token)
		if !utf16.IsSurrogate(unit) {
			token = token[2:]
			continue
		}
		if utf16.DecodeRune(unit, codeUnit(token[6:])) == unicode.ReplacementChar {
			return true
		}
		token = token[12:]
	}
}

// codeUnit returns the UTF-16 code unit whose escape sequence begins a text, or -1.
func codeUnit(text []byte) rune {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(unit)
}
