package modern

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
)

// nameMembers maps methods to the member of params that the field mcp-name repeats.
var nameMembers = map[string]string{"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}

const (
	encodedPrefix = "=?base64?"
	encodedSuffix = "?="
)

// checkVersion compares the header field with the version in the body (MODERN-6), and refuses versions that are not
// served (MODERN-3).
func checkVersion(headers httpcall.Headers, version string) *failure.Refusal {
	if field, given := fieldOf(headers, "mcp-protocol-version"); !given || field != version {
		return mismatch("mcp-protocol-version")
	}
	return checkServed(version)
}

// checkServed refuses versions that are not served (MODERN-3).
func checkServed(version string) *failure.Refusal {
	if version == Revision {
		return nil
	}
	unserved := failure.NewRPC(failure.InvalidArgument, failure.CodeUnsupportedVersion,
		"protocol_version_not_served", "The protocol version is not served")
	unserved.Data = map[string]any{"supported": []string{Revision}, "requested": version}
	return refuse(unserved)
}

// CheckNotification refuses a notification whose header fields contradict its body, or whose metadata names a version
// that is not served. Unlike those of a request, the fields and the metadata may be missing.
func CheckNotification(notification *jsonrpc.Message, headers httpcall.Headers) error {
	if token := jsonrpc.Member(notification.Params, "_meta", mcp.MetaKeyProtocolVersion); token != nil {
		version, ok := jsonrpc.Text(token)
		if !ok {
			return refuse(invalidMetadata(mcp.MetaKeyProtocolVersion))
		}
		if field, given := fieldOf(headers, "mcp-protocol-version"); given && field != version {
			return mismatch("mcp-protocol-version")
		}
		if refusal := checkServed(version); refusal != nil {
			return refusal
		}
	}
	if field, given := fieldOf(headers, "mcp-method"); given && field != notification.Method {
		return mismatch("mcp-method")
	}
	return nil
}

// checkMethod compares the header field with the method (MODERN-7).
func checkMethod(headers httpcall.Headers, method string) *failure.Refusal {
	if field, given := fieldOf(headers, "mcp-method"); !given || field != method {
		return mismatch("mcp-method")
	}
	return nil
}

// checkName compares the header field with the name or the URI in the params (MODERN-7, MODERN-8).
func checkName(headers httpcall.Headers, message *jsonrpc.Message) *failure.Refusal {
	member, ok := nameMembers[message.Method]
	if !ok {
		return nil
	}
	name, _ := jsonrpc.Text(jsonrpc.Member(message.Params, member))
	field, given := fieldOf(headers, "mcp-name")
	if decoded, valid := decode(field); !given || !valid || decoded != name {
		return mismatch("mcp-name")
	}
	return nil
}

// fieldOf returns the value of a header field without the white space around it.
func fieldOf(headers httpcall.Headers, name string) (value string, given bool) {
	value, given = headers[name]
	return strings.Trim(value, " \t"), given
}

// decode returns the text of a value that may be in base64. It reports false for invalid base64 and for invalid UTF-8.
func decode(value string) (text string, ok bool) {
	rest, hasPrefix := strings.CutPrefix(value, encodedPrefix)
	encoded, hasSuffix := strings.CutSuffix(rest, encodedSuffix)
	if !hasPrefix || !hasSuffix {
		return value, true
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(encoded)
	return string(decoded), err == nil && utf8.Valid(decoded)
}

func mismatch(field string) *failure.Refusal {
	return refuse(failure.NewRPC(failure.InvalidArgument, failure.CodeHeaderMismatch, "header_mismatch",
		"The header field "+field+" is missing, is invalid, or differs from the body"))
}

// headerArgument is an argument of a tool that a header field repeats.
type headerArgument struct {
	path []string
	// field is the lower-case name of the header field.
	field string
}

// headerArguments returns the arguments of a tool that its input schema annotates with x-mcp-header.
func headerArguments(tool catalog.Tool) ([]headerArgument, error) {
	text, err := json.Marshal(tool.InputSchema)
	if err != nil {
		return nil, err
	}
	var schema annotated
	if err := json.Unmarshal(text, &schema); err != nil {
		return nil, err
	}
	return schema.collect(nil), nil
}

// annotated is the part of a schema that contains annotations.
type annotated struct {
	Header     string               `json:"x-mcp-header"`
	Properties map[string]annotated `json:"properties"`
}

func (a annotated) collect(path []string) []headerArgument {
	var found []headerArgument
	if a.Header != "" {
		found = append(found, headerArgument{path, "mcp-param-" + strings.ToLower(a.Header)})
	}
	for name, property := range a.Properties {
		found = append(found, property.collect(append(slices.Clone(path), name))...)
	}
	return found
}

// checkArguments compares header fields with the arguments that they repeat. An argument that is missing or null has no
// field.
func checkArguments(headers httpcall.Headers, repeated []headerArgument, arguments json.RawMessage) *failure.Refusal {
	for _, argument := range repeated {
		value := jsonrpc.Member(arguments, argument.path...)
		if value == nil || string(value) == "null" {
			continue
		}
		field, given := fieldOf(headers, argument.field)
		if decoded, valid := decode(field); !given || !valid || !equals(decoded, value) {
			return mismatch(argument.field)
		}
	}
	return nil
}

// maxSafeInteger is the largest integer that every JSON implementation represents exactly.
const maxSafeInteger = 1<<53 - 1

// equals reports whether a field has the value of an argument. Numbers are compared as numbers, so that 42.0 equals 42.
func equals(field string, value json.RawMessage) bool {
	if text, ok := jsonrpc.Text(value); ok {
		return field == text
	}
	if field == string(value) {
		return true
	}
	if !json.Valid([]byte(field)) || !jsonrpc.IsNumber(json.RawMessage(field)) || !jsonrpc.IsNumber(value) {
		return false
	}
	given, err := strconv.ParseFloat(field, 64)
	number, err2 := strconv.ParseFloat(string(value), 64)
	return err == nil && err2 == nil && given == number && math.Abs(number) <= maxSafeInteger
}
