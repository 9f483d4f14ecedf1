package lifecycle

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

const revision = "2026-07-28"

// modernPost returns a request of MCP 2026-07-28. params and metadata are the members of an object, without braces.
func modernPost(id, method, params, metadata string) *runtimev1.McpRequest {
	if params != "" {
		params += ","
	}
	if metadata != "" {
		metadata = "," + metadata
	}
	var name struct{ Name, URI string }
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":{%s"_meta":{`+
		`"io.modelcontextprotocol/protocolVersion":%q,"io.modelcontextprotocol/clientCapabilities":{"elicitation":{}}%s}}}`,
		id, method, params, revision, metadata)
	request := post("", body)
	request.Headers = map[string]string{"mcp-protocol-version": revision, "mcp-method": method}
	var message struct{ Params json.RawMessage }
	if err := json.Unmarshal([]byte(body), &message); err == nil && json.Unmarshal(message.Params, &name) == nil {
		if name.Name+name.URI != "" {
			request.Headers["mcp-name"] = name.Name + name.URI
		}
	}
	return request
}

func modernTool(name, arguments string) *runtimev1.McpRequest {
	return modernPost("1", "tools/call", fmt.Sprintf(`"name":%q,"arguments":%s`, name, arguments), "")
}

func as(email string, request *runtimev1.McpRequest) *runtimev1.McpRequest {
	claims := fmt.Sprintf(`{"email":%q,"is_authenticated":true}`, email)
	request.AuthContext = &runtimev1.McpAuthContext{Encoded: base64.RawURLEncoding.EncodeToString([]byte(claims))}
	return request
}

func (s *served) modern(request *runtimev1.McpRequest) *runtimev1.McpResponse {
	s.t.Helper()
	response, err := s.client.Invoke(s.context(), request)
	if err != nil {
		s.t.Fatal(err)
	}
	return response
}

// receive returns the text of the stream until it contains a substring.
func (s *served) receive(stream runtimev1.McpRuntime_InvokeStreamClient, until string) string {
	s.t.Helper()
	var text strings.Builder
	for !strings.Contains(text.String(), until) {
		chunk, err := stream.Recv()
		if err != nil || chunk.GetDone() {
			s.t.Fatalf("%q did not arrive after %q: %v", until, text.String(), err)
		}
		text.Write(chunk.GetData())
	}
	return text.String()
}

func TestBothErasAreServedOnOneConnection(t *testing.T) {
	runtime := serve(t, nil)
	session := runtime.session()
	for range 2 {
		modern := modernPost("1", "ping", "", "")
		modern.SessionId = session
		if got := runtime.modern(modern); got.GetStatus() != 404 || !strings.Contains(string(got.GetBody()), "-32601") {
			t.Errorf("a modern ping in a session: got %v", got)
		}
		if got := runtime.invoke(session, `{"jsonrpc":"2.0","id":1,"method":"ping"}`); got.GetStatus() != 200 {
			t.Errorf("a ping in a session: got %v", got)
		}
		got := runtime.modern(modernPost("1", "server/discover", "", ""))
		if got.GetStatus() != 200 || got.GetHeaders()["mcp-session-id"] != "" {
			t.Errorf("discovery: got %v", got)
		}
	}
	legacy := string(runtime.invoke(session, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`).GetBody())
	modern := string(runtime.modern(modernPost("1", "tools/list", "", "")).GetBody())
	if strings.Contains(legacy, "test_missing_capability") || !strings.Contains(legacy, "test_sampling") {
		t.Errorf("tools of a session: %s", legacy)
	}
	if !strings.Contains(modern, "test_missing_capability") || strings.Contains(modern, "test_sampling") {
		t.Errorf("tools without a session: %s", modern)
	}
}

func TestRefusalsOfMCP20260728KeepTheirBodyOnBothRPCs(t *testing.T) {
	runtime := serve(t, nil)
	for name, test := range map[string]struct {
		change func(*runtimev1.McpRequest)
		status int32
		code   string
	}{
		"a missing method field": {func(r *runtimev1.McpRequest) { delete(r.Headers, "mcp-method") }, 400, "-32020"},
		"another version field":  {func(r *runtimev1.McpRequest) { r.Headers["mcp-protocol-version"] = "2025-11-25" }, 400, "-32020"},
		"another name":           {func(r *runtimev1.McpRequest) { r.Headers["mcp-name"] = "other" }, 400, "-32020"},
		"a fractional id":        {replaceBody(`"id":1`, `"id":1.5`), 400, "-32600"},
		"an unknown version":     {both(replaceBody(revision, "1900-01-01"), func(r *runtimev1.McpRequest) { r.Headers["mcp-protocol-version"] = "1900-01-01" }), 400, "-32022"},
		"capabilities that are not an object": {
			replaceBody(`{"elicitation":{}}`, `"all"`), 400, "-32602",
		},
	} {
		request := modernTool("test_missing_capability", "{}")
		test.change(request)
		answer := runtime.modern(request)
		if answer.GetStatus() != test.status || !strings.Contains(string(answer.GetBody()), `"code":`+test.code) {
			t.Errorf("%s: got %v", name, answer)
		}
		stream, _ := runtime.stream(request)
		head, err := stream.Recv()
		if err != nil || head.GetStatus() != test.status || head.GetErrorStatus() != 0 {
			t.Errorf("%s: got the head %v, %v", name, head, err)
		}
		if text := runtime.drained(stream); !strings.Contains(text, `"code":`+test.code) {
			t.Errorf("%s: got %q", name, text)
		}
	}
	stream, _ := runtime.stream(modernTool("test_missing_capability", "{}"))
	if head, err := stream.Recv(); err != nil || head.GetStatus() != 400 {
		t.Errorf("a tool that needs an undeclared capability: got %v, %v", head, err)
	}
	if text := runtime.drained(stream); !strings.Contains(text, `"requiredCapabilities":{"sampling":{}}`) {
		t.Errorf("got %q", text)
	}
}

func replaceBody(old, new string) func(*runtimev1.McpRequest) {
	return func(request *runtimev1.McpRequest) {
		request.Body = []byte(strings.Replace(string(request.GetBody()), old, new, 1))
	}
}

func both(changes ...func(*runtimev1.McpRequest)) func(*runtimev1.McpRequest) {
	return func(request *runtimev1.McpRequest) {
		for _, change := range changes {
			change(request)
		}
	}
}

func TestAnUnknownIDIsLeftOut(t *testing.T) {
	runtime := serve(t, nil)
	expired := as("alice", modernPost("1", "server/discover", "", ""))
	expired.AuthContext.ExpiresAtEpochMs = 1
	closing := modernPost("1", "server/discover", "", "")
	closing.Method = ""
	for name, test := range map[string]struct {
		body, want string
	}{
		"no JSON":      {"{", `{"jsonrpc":"2.0","error":{"code":-32700`},
		"a batch":      {"[]", `{"jsonrpc":"2.0","error":{"code":-32600`},
		"an id null":   {`{"jsonrpc":"2.0","id":null,"method":"ping"}`, `{"jsonrpc":"2.0","error":{"code":-32600`},
		"a response":   {`{"jsonrpc":"2.0","id":1,"result":{}}`, `{"jsonrpc":"2.0","error":{"code":-32600`},
		"a long body":  {strings.Repeat(" ", 4<<20+1), `{"jsonrpc":"2.0","error":{"code":-32600`},
		"a fractional": {`{"jsonrpc":"2.0","id":1.5,"method":"ping"}`, `{"jsonrpc":"2.0","error":{"code":-32600`},
	} {
		request := post("", test.body)
		request.Headers = map[string]string{"mcp-protocol-version": revision}
		if got := runtime.modern(request); !strings.HasPrefix(string(got.GetBody()), test.want) {
			t.Errorf("%s: got %d %s", name, got.GetStatus(), got.GetBody())
		}
	}
	if got := runtime.modern(expired); got.GetStatus() != 401 || strings.Contains(string(got.GetBody()), `"id"`) {
		t.Errorf("expired credentials: got %v", got)
	}
	closed, err := runtime.client.CloseSession(runtime.context(), closing)
	if err != nil || closed.GetStatus() != 400 || strings.Contains(string(closed.GetBody()), `"id"`) {
		t.Errorf("CloseSession: got %v, %v", closed, err)
	}
	notification := post("", `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`)
	notification.Headers = map[string]string{"mcp-protocol-version": revision}
	if got := runtime.modern(notification); got.GetStatus() != 202 || len(got.GetBody()) > 0 {
		t.Errorf("a notification: got %v", got)
	}
}

func TestARequestStreamsItsMessagesBeforeItsResponse(t *testing.T) {
	runtime := serve(t, nil)
	const id, token = "12345678901234567890", "98765432109876543210"
	request := modernPost(id, "tools/call", `"name":"test_tool_with_progress"`, `"progressToken":`+token)
	stream, _ := runtime.stream(request)
	text := runtime.drained(stream)
	if strings.Count(text, `"progressToken":`+token) != 3 || !strings.HasPrefix(text, "data: ") || strings.Contains(text, "id: ") {
		t.Errorf("got %q", text)
	}
	if last := text[strings.LastIndex(text, "data: "):]; !strings.Contains(last, `"id":`+id) {
		t.Errorf("the last message is %q", last)
	}
	answer := runtime.modern(request)
	if got := answer.GetHeaders(); got["content-type"] != "text/event-stream" || got["x-accel-buffering"] != "no" {
		t.Errorf("got the header fields %v", got)
	}
	if string(answer.GetBody()) != text {
		t.Errorf("Invoke and InvokeStream differ: %q, %q", answer.GetBody(), text)
	}
}

func TestACancelledModernCallStopsItsWork(t *testing.T) {
	runtime := serve(t, nil)
	state := func() string {
		return string(runtime.modern(modernTool("conformance_state", `{"key":"k"}`)).GetBody())
	}
	await := func(want string) {
		for deadline := time.Now().Add(testTimeout); !strings.Contains(state(), want); {
			if time.Now().After(deadline) {
				t.Fatalf("the state was never %s", want)
			}
		}
	}
	_, cancel := runtime.stream(modernTool("conformance_wait", `{"key":"k"}`))
	await("running")
	cancel()
	await("cancelled")
	ctx, cancelCall := context.WithCancel(runtime.context())
	failed := make(chan error)
	go func() {
		_, err := runtime.client.Invoke(ctx, modernTool("conformance_wait", `{"key":"k"}`))
		failed <- err
	}()
	await("running")
	cancelCall()
	if err := <-failed; status.Code(err) != codes.Canceled {
		t.Errorf("got %v", err)
	}
	await("cancelled")
}

func TestStateIsBoundToItsCallerAndItsRequest(t *testing.T) {
	runtime := serve(t, nil)
	const answers = `,"inputResponses":{"confirm":{"action":"accept","content":{"ok":"yes"}}}`
	round := func(tool, state string) *runtimev1.McpRequest {
		params := fmt.Sprintf(`"name":%q`, tool)
		if state != "" {
			params += answers + fmt.Sprintf(`,"requestState":%q`, state)
		}
		return modernPost("1", "tools/call", params, "")
	}
	const tool = "test_input_required_result_request_state"
	var asked struct {
		Result struct{ ResultType, RequestState string }
	}
	body := runtime.modern(as("alice", round(tool, ""))).GetBody()
	if err := json.Unmarshal(body, &asked); err != nil || asked.Result.ResultType != "input_required" {
		t.Fatalf("got %s, %v", body, err)
	}
	state := asked.Result.RequestState
	if got := runtime.modern(as("alice", round(tool, state))); !strings.Contains(string(got.GetBody()), "state-ok") {
		t.Errorf("the second round: got %s", got.GetBody())
	}
	scoped := as("alice", round(tool, state))
	scoped.ServerId = "other"
	for name, request := range map[string]*runtimev1.McpRequest{
		"another caller":          as("bob", round(tool, state)),
		"no caller":               round(tool, state),
		"another virtual server":  scoped,
		"another tool":            as("alice", round("test_input_required_result_tampered_state", state)),
		"invented state":          as("alice", round(tool, "e30")),
		"state with a line break": as("alice", round(tool, state+"\n")),
	} {
		if got := runtime.modern(request); !strings.Contains(string(got.GetBody()), "-32602") {
			t.Errorf("%s: got %s", name, got.GetBody())
		}
	}
}

func TestDeclinedQuestionsAreAnswered(t *testing.T) {
	runtime := serve(t, nil)
	for key, params := range map[string]string{
		"tools/call":     `"name":"test_input_required_result_multi_round","inputResponses":{"step1":{"action":"decline"}}`,
		"prompts/get":    `"name":"test_input_required_result_prompt","inputResponses":{"user_context":{"action":"decline"}}`,
		"resources/read": `"uri":"test://question","inputResponses":{"user_name":{"action":"decline"}}`,
	} {
		body := string(runtime.modern(modernPost("1", key, params, "")).GetBody())
		if !strings.Contains(body, `"resultType":"complete"`) || !strings.Contains(body, "The user did not answer: decline") {
			t.Errorf("%s: got %s", key, body)
		}
	}
}

func TestResourcesOfTheCallerArePrivate(t *testing.T) {
	runtime := serve(t, nil)
	for uri, scope := range map[string]string{"test://whoami": `"cacheScope":"private"`, "test://static-text": `"cacheScope":"public"`} {
		body := string(runtime.modern(as("alice", modernPost("1", "resources/read", fmt.Sprintf(`"uri":%q`, uri), ""))).GetBody())
		if !strings.Contains(body, scope) {
			t.Errorf("%s: got %s", uri, body)
		}
	}
	body := string(runtime.invoke(runtime.session(), `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"test://whoami"}}`).GetBody())
	if !strings.Contains(body, "-32002") {
		t.Errorf("in a session: got %s", body)
	}
}

const listenToTools = `"notifications":{"toolsListChanged":true,"resourceSubscriptions":["test://watched-resource"]}`

func TestASubscriptionGetsTheChangesOfBothEras(t *testing.T) {
	runtime := serve(t, nil)
	stream, cancel := runtime.stream(modernPost(`"sub-\u00e9"`, "subscriptions/listen", listenToTools, ""))
	defer cancel()
	runtime.receive(stream, "notifications/subscriptions/acknowledged")
	runtime.modern(modernTool("test_trigger_prompt_change", "{}"))
	runtime.modern(modernTool("test_trigger_tool_change", "{}"))
	runtime.modern(modernTool("conformance_touch", `{"uri":"test://static-text"}`))
	runtime.invoke(runtime.session(), tool("conformance_touch", `{"uri":"test://watched-resource"}`))
	text := runtime.receive(stream, "notifications/resources/updated")
	if strings.Count(text, "data: ") != 2 || strings.Count(text, `/subscriptionId":"sub-\u00e9"`) != 2 {
		t.Errorf("got %q", text)
	}
	if strings.Contains(text, "prompts") || strings.Contains(text, "static-text") {
		t.Errorf("the filter was ignored: %q", text)
	}
}

func TestASubscriptionEndsWithItsResult(t *testing.T) {
	runtime := serve(t, nil)
	request := modernPost("7", "subscriptions/listen", listenToTools, "")
	open, _ := runtime.stream(request)
	runtime.receive(open, "acknowledged")
	expiring := as("alice", modernPost("8", "subscriptions/listen", listenToTools, ""))
	expiring.AuthContext.ExpiresAtEpochMs = uint64(time.Now().Add(time.Second).UnixMilli())
	expired, _ := runtime.stream(expiring)
	if text := runtime.drained(expired); !strings.Contains(text, `"id":8,"result":{"resultType":"complete"`) {
		t.Errorf("after the expiry: got %q", text)
	}
	empty, _ := runtime.stream(modernPost("9", "subscriptions/listen", `"notifications":{"TOOLSLISTCHANGED":true}`, ""))
	if text := runtime.drained(empty); !strings.Contains(text, `"notifications":{}`) || !strings.Contains(text, `"id":9`) {
		t.Errorf("without a filter: got %q", text)
	}
	if got := runtime.modern(request); got.GetStatus() != 400 {
		t.Errorf("Invoke: got %v", got)
	}
	runtime.stop()
	text := runtime.drained(open)
	if !strings.Contains(text, `"id":7,"result":`) || !strings.Contains(text, `"io.modelcontextprotocol/subscriptionId":7`) {
		t.Errorf("at the end of the runtime: got %q", text)
	}
	if err := <-runtime.stopped; err != nil {
		t.Error(err)
	}
}

func TestAShutdownEndsModernRequests(t *testing.T) {
	runtime := serve(t, func(options *Options) { options.Settings.Limits.Drain = 10 * time.Millisecond })
	streamed, _ := runtime.stream(modernTool("conformance_wait", `{"key":"streamed"}`))
	if head, err := streamed.Recv(); err != nil || head.GetStatus() != 200 {
		t.Fatalf("got %v, %v", head, err)
	}
	failed := make(chan error)
	go func() {
		_, err := runtime.client.Invoke(runtime.context(), modernTool("conformance_wait", `{"key":"unary"}`))
		failed <- err
	}()
	for !strings.Contains(string(runtime.modern(modernTool("conformance_state", `{"key":"unary"}`)).GetBody()), "running") {
	}
	runtime.stop()
	if err := <-failed; status.Code(err) != codes.Unavailable {
		t.Errorf("got %v", err)
	}
	if text := runtime.drained(streamed); text != "" {
		t.Errorf("got %q", text)
	}
	<-runtime.stopped
}

func TestClosedSubscriptionsFreeTheirPlace(t *testing.T) {
	runtime := serve(t, func(options *Options) { options.Settings.Limits.MaxListens = 1 })
	listen := func() *runtimev1.McpRequest {
		return modernPost("1", "subscriptions/listen", listenToTools, "")
	}
	first, cancel := runtime.stream(listen())
	runtime.receive(first, "acknowledged")
	second, _ := runtime.stream(listen())
	if head, err := second.Recv(); err != nil || head.GetStatus() != 429 {
		t.Errorf("got %v, %v", head, err)
	}
	cancel()
	for deadline := time.Now().Add(testTimeout); ; {
		next, _ := runtime.stream(listen())
		head, err := next.Recv()
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("got %v, %v", head, err)
		}
		if head.GetStatus() == 200 {
			return
		}
	}
}
