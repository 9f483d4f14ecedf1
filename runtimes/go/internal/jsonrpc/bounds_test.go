package jsonrpc

import (
	"strings"
	"testing"
)

func TestTheMembersOfEachObjectAreCounted(t *testing.T) {
	for text, widest := range map[string]int{
		`{"a":1,"b":2,"c":3}`:                          3,
		`{"a":{"b":1,"c":2},"d":{"e":1,"f":2,"g":{}}}`: 3,
		`[{"a":1},{"a":1},{"a":1}]`:                    1,
		`{"a:b":":{::"}`:                               1,
		`{"a\\":"\":{:","b":1}`:                        2,
		`}}{"a":1`:                                     1,
	} {
		if _, isWide := exceeds([]byte(text), 10, widest); isWide {
			t.Errorf("%s has more than %d members", text, widest)
		}
		if _, isWide := exceeds([]byte(text), 10, widest-1); !isWide {
			t.Errorf("%s has at most %d members", text, widest-1)
		}
	}
}

func TestNestingIsCounted(t *testing.T) {
	for _, text := range []string{strings.Repeat("[", 3) + strings.Repeat("]", 3), `{"[[[":[{}]}`} {
		if isDeep, _ := exceeds([]byte(text), 3, 10); isDeep {
			t.Errorf("%s is nested deeper than 3 levels", text)
		}
		if isDeep, _ := exceeds([]byte(text), 2, 10); !isDeep {
			t.Errorf("%s is nested at most 2 levels", text)
		}
	}
}

func TestAWideObjectIsRefused(t *testing.T) {
	body := `{"jsonrpc":"2.0","id":1,"method":"ping","params":{` + strings.Repeat(`"a":1,`, maxMembers) + `"a":1}}`
	if _, err := Parse([]byte(body)); err == nil {
		t.Error("the message was accepted")
	}
}
