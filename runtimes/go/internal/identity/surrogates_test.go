package identity

import "testing"

func TestHasUnpairedSurrogate(t *testing.T) {
	for token, want := range map[string]bool{
		`"a"`: false, `"\\ud800"`: false, `"\u0061\n"`: false, `"\ud83d\ude00"`: false, `"\uD83D\uDE00\uFFFD"`: false,
		`"\ud800"`: true, `"\udc00"`: true, `"\ude00\ud83d"`: true, `"\\\ud800"`: true, `"\ud800\\dc00"`: true,
		`"\ud800\u0061"`: true, `"\ud83d\ude00\ud83d"`: true, `["a","\udbff"]`: true, `"\ud800\ud800\udc00"`: true,
	} {
		if got := hasUnpairedSurrogate([]byte(token)); got != want {
			t.Errorf("%s: got %v", token, got)
		}
	}
}
