package httpserver

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

// The header fields that carry the typed fields of a request message (HTTP-4). The runtime trusts them, because only
// the gateway has access to the socket (LIFE-7).
const (
	// serverIDField is percent-encoded UTF-8.
	serverIDField    = "x-contextforge-server-id"
	authContextField = "x-contextforge-auth-context"
	// authExpiresAtField consists of decimal digits.
	authExpiresAtField = "x-contextforge-auth-expires-at"
	// affinityForwardedField is "true", or absent.
	affinityForwardedField = "x-contextforge-affinity-forwarded"
	sessionIDField         = "mcp-session-id"
)

// typedFields have one value, so they must not be repeated.
var typedFields = []string{
	serverIDField, authContextField, authExpiresAtField, affinityForwardedField, sessionIDField,
}

// pathAndQuery returns the parts of the request target as the client sent them (HTTP-3).
func pathAndQuery(request *http.Request) (path, query string) {
	path, query, _ = strings.Cut(request.RequestURI, "?")
	return path, query
}

// acceptsEventStream reports whether accept contains the media range text/event-stream.
func acceptsEventStream(header http.Header) bool {
	for _, value := range header.Values("accept") {
		for mediaRange := range strings.SplitSeq(value, ",") {
			name, _, _ := strings.Cut(mediaRange, ";")
			if strings.EqualFold(strings.TrimSpace(name), "text/event-stream") {
				return true
			}
		}
	}
	return false
}

// messageOf converts an HTTP request to a request message. It fails with INVALID_ARGUMENT for a typed field that is
// repeated or invalid.
func messageOf(request *http.Request, body []byte) (*runtimev1.McpRequest, error) {
	for _, name := range typedFields {
		if len(request.Header.Values(name)) > 1 {
			return nil, invalid(name + ": must not be repeated")
		}
	}
	headers := make(map[string]string, len(request.Header)+1)
	for name, values := range request.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	if request.Host != "" {
		headers["host"] = request.Host // net/http moves this field.
	}
	path, query := pathAndQuery(request)
	message := &runtimev1.McpRequest{
		Method: request.Method, Path: path, Query: query, Headers: headers, Body: body, SessionId: headers[sessionIDField],
	}
	var err error
	if message.ServerId, err = serverID(headers); err != nil {
		return nil, err
	}
	if message.AuthContext, err = authContext(headers); err != nil {
		return nil, err
	}
	message.AffinityForwarded, err = affinityForwarded(headers)
	return message, err
}

func serverID(headers map[string]string) (string, error) {
	id, err := url.PathUnescape(headers[serverIDField])
	if err != nil || !utf8.ValidString(id) {
		return "", invalid(serverIDField + ": must be percent-encoded UTF-8")
	}
	return id, nil
}

func authContext(headers map[string]string) (*runtimev1.McpAuthContext, error) {
	var expiresAt uint64
	if digits, exists := headers[authExpiresAtField]; exists {
		var err error
		if expiresAt, err = strconv.ParseUint(digits, 10, 64); err != nil {
			return nil, invalid(authExpiresAtField + ": must consist of decimal digits")
		}
	}
	encoded, exists := headers[authContextField]
	if !exists {
		return nil, nil
	}
	return &runtimev1.McpAuthContext{Encoded: encoded, ExpiresAtEpochMs: expiresAt}, nil
}

func affinityForwarded(headers map[string]string) (bool, error) {
	value, exists := headers[affinityForwardedField]
	if exists && value != "true" {
		return false, invalid(affinityForwardedField + `: must be "true" or absent`)
	}
	return exists, nil
}

func invalid(message string) error {
	return &failure.Call{Category: failure.InvalidArgument, Message: message}
}
