package httpserver

import "testing"

func TestInvalidEscapesAreEscaped(t *testing.T) {
	for line, want := range map[string]string{
		"GET /mcp HTTP/1.1\r\n":               "GET /mcp HTTP/1.1\r\n",
		"GET /servers/a%2Fb%c3/mcp HTTP/1.1":  "GET /servers/a%2Fb%c3/mcp HTTP/1.1",
		"GET /servers/%zz%/mcp?%1 HTTP/1.1":   "GET /servers/%25zz%25/mcp?%251 HTTP/1.1",
		"GET /%G0%0g%%41%@0%/0% HTTP/1.1\r\n": "GET /%25G0%250g%25%41%25@0%25/0%25 HTTP/1.1\r\n",
		"GET /%":                              "GET /%25",
	} {
		if got := string(withValidEscapes([]byte(line))); got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}
