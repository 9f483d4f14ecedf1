package service

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/httpcall"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
)

// The first call violates every check. Each step fixes one violation, so the reported reasons reveal the order of the
// checks.
func TestAPostIsCheckedInOrder(t *testing.T) {
	served := newServed(t, func(options *Options) { options.Limits.MaxBodyBytes = 200 })
	call := post("unknown", strings.Repeat("x", 201))
	call.Path, call.Auth = "/other", &identity.Context{Encoded: "!"}
	call.Headers = httpcall.Headers{"mcp-protocol-version": "1999-01-01"}
	for _, step := range []struct {
		status int
		reason string
		fix    func()
	}{
		{404, "no_such_path", func() { call.Path = "/mcp" }},
		{401, "auth_context_unreadable", func() { call.Auth = authOf("alice") }},
		{404, "session_not_found", func() { call.SessionID = "" }},
		{413, "body_too_large", func() { call.Body = []byte("x") }},
		{400, "parse_error", func() { call.Body = []byte(request("7", "ping", "{}")) }},
		{400, "protocol_version_not_served", func() { call.Headers = nil }},
		{400, "session_required", func() { call.SessionID = served.session() }},
	} {
		_, err := served.Invoke(t.Context(), call)
		checkRefusal(t, "Invoke", err, step.status, step.reason)
		if refusal, ok := errors.AsType[*failure.Refusal](err); ok && strings.Contains(string(call.Body), "ping") && refusal.ID != "7" {
			t.Errorf("%s: the refusal has the id %q", step.reason, refusal.ID)
		}
		_, err = served.InvokeStream(t.Context(), call)
		checkRefusal(t, "InvokeStream", err, step.status, step.reason)
		step.fix()
	}
	if answer, err := served.Invoke(t.Context(), call); err != nil || answer.Status != 200 {
		t.Errorf("got %v, %v", answer, err)
	}
}

func TestASessionBelongsToItsCallerAndScope(t *testing.T) {
	served := newServed(t, nil)
	id := served.session()
	for name, test := range map[string]struct {
		change func(*httpcall.Call)
		reason string
	}{
		"another caller": {func(call *httpcall.Call) { call.Auth = authOf("bob") }, "not_the_owner"},
		"no caller":      {func(call *httpcall.Call) { call.Auth = nil }, "not_the_owner"},
		"another scope":  {func(call *httpcall.Call) { call.ServerID = "server" }, "other_scope"},
	} {
		for _, call := range []*httpcall.Call{
			post(id, request("1", "ping", "{}")),
			post(id, `{"jsonrpc":"2.0","method":"notifications/initialized"}`),
			get(id, ""),
		} {
			test.change(call)
			_, err := served.InvokeStream(t.Context(), call)
			checkRefusal(t, name, err, 403, test.reason)
		}
		call := post(id, "")
		test.change(call)
		_, err := served.CloseSession(t.Context(), call)
		checkRefusal(t, name, err, 403, test.reason)
	}
}

func TestASessionHasOneHandshakeAndLimitedRequests(t *testing.T) {
	served := newServed(t, func(options *Options) { options.Limits.MaxRequestsPerSession = 1 })
	id := served.session()
	_, err := served.Invoke(t.Context(), post(id, request("1", "initialize", initializeParams)))
	checkRefusal(t, "a second handshake", err, 400, "already_initialized")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := served.Invoke(ctx, post(id, toolCall("wait")))
		ended <- err
	}()
	<-served.started
	_, err = served.Invoke(t.Context(), post(id, request("2", "ping", "{}")))
	checkRefusal(t, "a second request", err, 429, "too_many_requests")
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-served.stopped
	if answer, err := served.Invoke(t.Context(), post(id, request("2", "ping", "{}"))); err != nil || answer.Status != 200 {
		t.Errorf("after the first request: got %v, %v", answer, err)
	}
}

func TestAHandshakeOpensASessionOnlyIfItSucceeds(t *testing.T) {
	served := newServed(t, nil)
	for range 3 { // More attempts than the session limit allows.
		answer, err := served.Invoke(t.Context(), post("", request("1", "initialize", "{}")))
		if err != nil || answer.Headers["mcp-session-id"] != "" || !strings.Contains(string(answer.Body), "-32602") {
			t.Errorf("got %v, %v", answer, err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if answer, err := served.Invoke(ended, post("", request("1", "initialize", initializeParams))); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, %v", answer, err)
		}
	}
	served.session()
	served.session()
	_, err := served.Invoke(t.Context(), post("", request("1", "initialize", initializeParams)))
	checkRefusal(t, "a session beyond the limit", err, 429, "too_many_sessions_of_caller")
}

func TestAnonymousCallersCanBeRefused(t *testing.T) {
	initialize := post("", request("1", "initialize", initializeParams))
	initialize.Auth = nil
	if answer, err := newServed(t, nil).Invoke(t.Context(), initialize); err != nil || answer.Headers["mcp-session-id"] == "" {
		t.Errorf("got %v, %v", answer, err)
	}
	_, err := newServed(t, func(options *Options) { options.RefuseAnonymous = true }).Invoke(t.Context(), initialize)
	checkRefusal(t, "initialize", err, 401, "identity_required")
}

func TestNotificationsAndResponsesAreAccepted(t *testing.T) {
	served := newServed(t, nil)
	id := served.session()
	for _, body := range []string{
		`{"jsonrpc":"2.0","method":"notifications/initialized"}`, `{"jsonrpc":"2.0","id":"unknown","result":{}}`,
		`{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`,
	} {
		if answer, err := served.Invoke(t.Context(), post(id, body)); err != nil || answer.Status != 202 || answer.Body != nil {
			t.Errorf("%s: got %v, %v", body, answer, err)
		}
		if open, err := served.InvokeStream(t.Context(), post(id, body)); err != nil || open.Status != 202 || open.Reader != nil {
			t.Errorf("%s: got %v, %v", body, open, err)
		}
	}
}

func TestAnAnswerWithMessagesIsAResumableStream(t *testing.T) {
	served := newServed(t, nil)
	id := served.session()
	answer, err := served.Invoke(t.Context(), post(id, toolCall("say")))
	if err != nil || answer.Headers["content-type"] != "text/event-stream" {
		t.Fatalf("got %v, %v", answer, err)
	}
	message, response, _ := strings.Cut(string(answer.Body), "\n\n")
	if !strings.Contains(message, `"data":"hello"`) || !strings.Contains(response, `"text":"say"`) {
		t.Errorf("got %s", answer.Body)
	}
	if resumed := drain(t, served.open(t.Context(), get(id, idOfEvent(message)))); resumed != response {
		t.Errorf("resumed %q, want %q", resumed, response)
	}
}

func TestClosingASessionEndsItsRequests(t *testing.T) {
	served := newServed(t, nil)
	id := served.session()
	ended := make(chan error)
	go func() {
		_, err := served.Invoke(t.Context(), post(id, toolCall("wait")))
		ended <- err
	}()
	<-served.started
	if answer, err := served.CloseSession(t.Context(), post(id, "")); err != nil || answer.Status != 204 {
		t.Errorf("got %v, %v", answer, err)
	}
	err := <-ended
	checkRefusal(t, "the request", err, 404, "session_closed")
	<-served.stopped
	_, err = served.CloseSession(t.Context(), post(id, ""))
	checkRefusal(t, "a closed session", err, 404, "session_not_found")
}

func TestACancelledRequestIsAnsweredWithAnError(t *testing.T) {
	served := newServed(t, nil)
	id := served.session()
	answered := make(chan *httpcall.Answer)
	go func() {
		answer, err := served.Invoke(t.Context(), post(id, toolCall("wait")))
		if err != nil {
			t.Error(err)
		}
		answered <- answer
	}()
	<-served.started
	notification := `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`
	if _, err := served.Invoke(t.Context(), post(id, notification)); err != nil {
		t.Fatal(err)
	}
	var body struct {
		ID    int
		Error struct{ Code int }
	}
	answer := <-answered
	if err := json.Unmarshal(answer.Body, &body); err != nil || body.ID != 1 || body.Error.Code != failure.CodeRequestCancelled {
		t.Errorf("got %s", answer.Body)
	}
	<-served.stopped
}
