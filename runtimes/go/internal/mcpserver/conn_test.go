package mcpserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/catalog"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/identity"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/jsonrpc"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stream"
)

// recorded is a path that keeps what it was given.
type recorded struct {
	interactive bool
	messages    chan string
	done        chan struct{}
	ending      Ending
	response    string
}

func newRecorded(interactive bool) *recorded {
	return &recorded{interactive: interactive, messages: make(chan string, 100), done: make(chan struct{})}
}

func (r *recorded) Interactive() bool                         { return r.interactive }
func (r *recorded) Message(_ context.Context, message []byte) { r.messages <- string(message) }
func (r *recorded) Suspend(time.Duration)                     {}
func (r *recorded) Finish(ending Ending, response []byte) {
	r.ending, r.response = ending, string(response)
	close(r.done)
}

func newServer(t *testing.T, shelf *catalog.Catalog) *Server {
	t.Helper()
	server, err := New(Options{
		Catalog: shelf, Version: "1.2.3", MaxSubscriptions: 2, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func connect(t *testing.T, server *Server) (*Conn, *stream.Set) {
	t.Helper()
	streams := stream.NewSet(stream.Limits{ReplayEvents: 100, ReplayBytes: 1 << 20, BufferBytes: 1 << 20})
	conn, err := server.Connect(streams.Live())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn, streams
}

func message(t *testing.T, text string) *jsonrpc.Message {
	t.Helper()
	message, err := jsonrpc.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func begin(t *testing.T, conn *Conn, path Path, text string) (cancel func()) {
	t.Helper()
	scope := catalog.Scope{Caller: identity.Anonymous(), Owner: "owner"}
	return conn.Begin(&Exchange{Request: message(t, text), Scope: scope, Path: path})
}

// call carries out a request and returns its response.
func call(t *testing.T, conn *Conn, text string) string {
	t.Helper()
	path := newRecorded(false)
	begin(t, conn, path, text)
	<-path.done
	if path.ending != Answered {
		t.Fatalf("%s was not answered", text)
	}
	return path.response
}

func request(id, method, params string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`, id, method, params)
}

func initialize(t *testing.T, conn *Conn, revision, capabilities string) string {
	t.Helper()
	params := fmt.Sprintf(`{"protocolVersion":%q,"capabilities":%s,"clientInfo":{"name":"t","version":"1"}}`, revision, capabilities)
	return call(t, conn, request("0", "initialize", params))
}

func toolText(t *testing.T, response string) (text string, isError bool) {
	t.Helper()
	var answer struct {
		Result struct {
			Content []struct{ Text string }
			IsError bool
		}
	}
	if err := json.Unmarshal([]byte(response), &answer); err != nil || len(answer.Result.Content) != 1 {
		t.Fatalf("no tool result: %s", response)
	}
	return answer.Result.Content[0].Text, answer.Result.IsError
}

func errorCode(t *testing.T, response string) int {
	t.Helper()
	var answer struct{ Error struct{ Code int } }
	if err := json.Unmarshal([]byte(response), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Error.Code
}

func TestTheRevisionIsNegotiated(t *testing.T) {
	server := newServer(t, catalog.Conformance())
	for asked, want := range map[string]string{
		"2024-11-05": "2024-11-05", "2025-06-18": "2025-06-18",
		"2026-07-28": "2025-11-25", "1999-01-01": "2025-11-25", "later": "2025-11-25",
	} {
		conn, _ := connect(t, server)
		if initialize(t, conn, asked, "{}"); conn.Revision() != want {
			t.Errorf("%s: got %s, want %s", asked, conn.Revision(), want)
		}
	}
}

func TestInitializeDeclaresWhatIsServed(t *testing.T) {
	for want, shelf := range map[string]*catalog.Catalog{
		`"capabilities":{"completions":{},"logging":{},"prompts":{},"resources":{"subscribe":true},"tools":{}}`: catalog.Conformance(),
		`"capabilities":{"logging":{}}`: catalog.Empty(),
	} {
		conn, _ := connect(t, newServer(t, shelf))
		if got := initialize(t, conn, "2025-11-25", "{}"); !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	conn, _ := connect(t, newServer(t, catalog.Empty()))
	initialize(t, conn, "2025-11-25", "{}")
	for _, method := range []string{"tools/list", "resources/read", "server/discover", "subscriptions/listen", "toString"} {
		if code := errorCode(t, call(t, conn, request("1", method, "{}"))); code != -32601 {
			t.Errorf("%s: got %d", method, code)
		}
	}
}

func TestAHandshakeThatFailsNegotiatesNothing(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Empty()))
	for _, params := range []string{
		"{}", "[]", `{"protocolVersion":1,"capabilities":{},"clientInfo":{"name":"t","version":"1"}}`,
		`{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t"}}`,
	} {
		if code := errorCode(t, call(t, conn, request("1", "initialize", params))); code != -32602 || conn.Revision() != "" {
			t.Errorf("%s: got %d", params, code)
		}
	}
}

func TestParamsThatDoNotFit(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Conformance()))
	initialize(t, conn, "2025-11-25", "{}")
	for _, test := range []struct{ method, params, place string }{
		{"tools/call", "{}", "name"},
		{"tools/call", `{"name":1}`, "name"},
		{"tools/call", `{"name":"conformance_whoami","arguments":[]}`, "arguments"},
		{"tools/call", `{"name":"conformance_whoami","_meta":{"progressToken":1.5}}`, "_meta.progressToken"},
		{"tools/call", "[]", "params"},
		{"tools/list", `{"cursor":"x"}`, "cursor"},
		{"logging/setLevel", `{"level":"loud"}`, "level"},
		{"prompts/get", `{"name":"x","arguments":{"a":1}}`, "arguments"},
		{"completion/complete", `{"ref":{"type":"ref/prompt","uri":"x"},"argument":{"name":"a","value":""}}`, "ref.name"},
		{"resources/read", `{"uri":null}`, "uri"},
	} {
		response := call(t, conn, request("1", test.method, test.params))
		want := "The params of " + test.method + " do not fit: " + test.place + `"`
		if errorCode(t, response) != -32602 || !strings.Contains(response, want) {
			t.Errorf("%s %s: got %s", test.method, test.params, response)
		}
	}
}

func TestResponsesRepeatTheToken(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Empty()))
	initialize(t, conn, "2025-11-25", "{}")
	for _, id := range []string{"9007199254740993", "-1", "1.5", "1e3", `"\u00e9"`, `""`} {
		if got, want := call(t, conn, request(id, "ping", "{}")), `{"jsonrpc":"2.0","id":`+id+`,"result":{}}`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestOneIdMayBeUnderWayTwice(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Conformance()))
	initialize(t, conn, "2025-11-25", "{}")
	waiting := newRecorded(false)
	begin(t, conn, waiting, request("1", "tools/call", `{"name":"conformance_wait","arguments":{"key":"k"}}`))
	if text, _ := toolText(t, call(t, conn, request("1", "tools/call", `{"name":"conformance_echo","arguments":{"text":"x"}}`))); text != "x" {
		t.Errorf("got %q", text)
	}
	conn.Notify(message(t, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":2}}`))
	conn.Notify(message(t, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"1"}}`))
	select {
	case <-waiting.done:
		t.Error("a request with another id was cancelled")
	default:
	}
	conn.Notify(message(t, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`))
	if <-waiting.done; waiting.ending != Cancelled || waiting.response != "" {
		t.Errorf("got %v, %q", waiting.ending, waiting.response)
	}
}

func TestWorkStopsWithItsRequestAndWithTheConnection(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(conn *Conn, cancel func())
		want Ending
	}{
		"request":    {func(_ *Conn, cancel func()) { cancel() }, Cancelled},
		"connection": {func(conn *Conn, _ func()) { conn.Close() }, Closed},
	} {
		t.Run(name, func(t *testing.T) {
			stopped := make(chan struct{})
			started := make(chan struct{})
			conn, _ := connect(t, newServer(t, &catalog.Catalog{Tools: []catalog.Tool{{
				Tool: mcp.Tool{Name: "work", InputSchema: json.RawMessage(`{"type":"object"}`)},
				Call: func(ctx context.Context, _ catalog.Call, _ json.RawMessage) (*mcp.CallToolResult, error) {
					close(started)
					<-ctx.Done()
					close(stopped)
					return nil, ctx.Err()
				},
			}}}))
			initialize(t, conn, "2025-11-25", "{}")
			path := newRecorded(false)
			cancel := begin(t, conn, path, request("1", "tools/call", `{"name":"work"}`))
			<-started
			test.end(conn, cancel)
			<-path.done
			<-stopped
			if path.ending != test.want || conn.UnderWay() != 0 {
				t.Errorf("got %v with %d requests under way", path.ending, conn.UnderWay())
			}
		})
	}
}

func TestAFailureShowsNothingOfTheInside(t *testing.T) {
	fails := func(name string, fail func() error) catalog.Tool {
		return catalog.Tool{
			Tool: mcp.Tool{Name: name, InputSchema: json.RawMessage(`{"type":"object"}`)},
			Call: func(context.Context, catalog.Call, json.RawMessage) (*mcp.CallToolResult, error) { return nil, fail() },
		}
	}
	conn, _ := connect(t, newServer(t, &catalog.Catalog{Tools: []catalog.Tool{
		fails("error", func() error { return errors.New("secret") }),
		fails("failure", func() error { return fmt.Errorf("secret: %w", catalog.Failure("for the caller")) }),
		fails("panic", func() error { panic("secret") }),
	}}))
	initialize(t, conn, "2025-11-25", "{}")
	for name, want := range map[string]string{
		"error":   `"text":"The tool failed"}],"isError":true`,
		"failure": `"text":"for the caller"}],"isError":true`,
		"panic":   `"message":"Internal error"`,
		"other":   `"message":"Invalid params"`,
	} {
		got := call(t, conn, request("1", "tools/call", fmt.Sprintf(`{"name":%q}`, name)))
		if !strings.Contains(got, want) || strings.Contains(got, "secret") {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

func TestMessagesPrecedeTheResponseWithTheCallersToken(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Conformance()))
	initialize(t, conn, "2025-11-25", "{}")
	path := newRecorded(false)
	begin(t, conn, path, request("1", "tools/call", `{"name":"test_tool_with_progress","_meta":{"progressToken":9007199254740993}}`))
	<-path.done
	if len(path.messages) != 3 {
		t.Fatalf("got %d messages", len(path.messages))
	}
	want := `"params":{"progressToken":9007199254740993,"message":"Completed step 0 of 100","progress":0,"total":100}`
	if got := <-path.messages; !strings.Contains(got, want) {
		t.Errorf("got %s", got)
	}
	if text, _ := toolText(t, path.response); text != "9007199254740993" {
		t.Errorf("got %q", text)
	}
}

func TestTheCallerIsAskedWhereAStreamIsOpen(t *testing.T) {
	server := newServer(t, catalog.Conformance())
	elicit := request("1", "tools/call", `{"name":"test_elicitation_sep1034_defaults"}`)
	for _, test := range []struct {
		capabilities string
		interactive  bool
		want         string
	}{
		{"{}", true, "The caller does not support elicitation"},
		{`{"elicitation":{"url":{}}}`, true, "The caller does not support elicitation in forms"},
		{`{"elicitation":{}}`, false, "No stream is open on which the caller could be asked (elicitation)"},
	} {
		conn, _ := connect(t, server)
		initialize(t, conn, "2025-11-25", test.capabilities)
		path := newRecorded(test.interactive)
		begin(t, conn, path, elicit)
		<-path.done
		if text, isError := toolText(t, path.response); text != test.want || !isError {
			t.Errorf("%s: got %q", test.capabilities, text)
		}
	}
}

func TestTheCallersAnswerReachesTheTool(t *testing.T) {
	server := newServer(t, catalog.Conformance())
	for answer, want := range map[string]string{
		// Without the defaults of the form, which the SDK would put in.
		`"result":{"action":"accept","content":{"name":"n"}}`: `Elicitation completed: action=accept, content={"name":"n"}`,
		`"result":{"action":"decline"}`:                       "Elicitation completed: action=decline, content={}",
		`"result":{"action":"other"}`:                         "The caller did not answer as elicitation asks for",
		`"result":{"action":"accept","content":{"age":"x"}}`:  "The caller did not answer as elicitation asks for",
		`"error":{"code":-1,"message":"no"}`:                  "The caller did not answer as elicitation asks for",
		`"error":"no"`:                                        "The caller did not answer as elicitation asks for",
	} {
		// A revision that is not served: the SDK would refuse to ask a caller of a later one.
		conn, _ := connect(t, server)
		initialize(t, conn, "2026-07-28", `{"elicitation":{}}`)
		path := newRecorded(true)
		begin(t, conn, path, request("1", "tools/call", `{"name":"test_elicitation_sep1034_defaults"}`))
		var question struct{ ID json.RawMessage }
		if err := json.Unmarshal([]byte(<-path.messages), &question); err != nil {
			t.Fatal(err)
		}
		conn.Respond(message(t, fmt.Sprintf(`{"jsonrpc":"2.0","id":"%s",%s}`, question.ID, answer)))
		conn.Respond(message(t, fmt.Sprintf(`{"jsonrpc":"2.0","id":%s.5,%s}`, question.ID, answer)))
		conn.Respond(message(t, fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,%s}`, question.ID, answer)))
		<-path.done
		if text, _ := toolText(t, path.response); text != want {
			t.Errorf("%s: got %q, want %q", answer, text, want)
		}
	}
}

func TestACallerThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, _ := connect(t, newServer(t, catalog.Conformance()))
		initialize(t, conn, "2025-11-25", `{"sampling":{}}`)
		path := newRecorded(true)
		started := time.Now()
		begin(t, conn, path, request("1", "tools/call", `{"name":"test_sampling","arguments":{"prompt":"p"}}`))
		<-path.done
		text, _ := toolText(t, path.response)
		if waited := time.Since(started); text != "The caller did not answer as sampling asks for" || waited != time.Minute {
			t.Errorf("got %q after %s", text, waited)
		}
		conn.Close()
	})
}

func TestAChangeIsToldToWhoSubscribed(t *testing.T) {
	server := newServer(t, catalog.Conformance())
	subscribed, streams := connect(t, server)
	other, others := connect(t, server)
	for _, conn := range []*Conn{subscribed, other} {
		initialize(t, conn, "2025-11-25", "{}")
	}
	reader, otherReader := stream.NewReader(1000), stream.NewReader(1000)
	streams.Live().Attach(reader, stream.FromNow)
	others.Live().Attach(otherReader, stream.FromNow)
	call(t, subscribed, request("1", "resources/subscribe", `{"uri":"test://watched-resource"}`))
	touch := request("2", "tools/call", `{"name":"conformance_touch","arguments":{"uri":"test://watched-resource"}}`)
	call(t, other, touch)
	told, _ := reader.Take()
	if want := `{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"test://watched-resource"}}`; !strings.Contains(string(told), want) {
		t.Errorf("got %q", told)
	}
	if told, _ := otherReader.Take(); told != nil {
		t.Errorf("who did not subscribe was told %q", told)
	}
}

func TestSubscriptionsAreBoundedAndEndWithTheSession(t *testing.T) {
	server := newServer(t, catalog.Conformance())
	conn, _ := connect(t, server)
	initialize(t, conn, "2025-11-25", "{}")
	subscribe := func(id string) int {
		params := fmt.Sprintf(`{"uri":"test://template/%s/data"}`, id)
		return errorCode(t, call(t, conn, request("1", "resources/subscribe", params)))
	}
	for id, want := range map[string]int{"": -32002, "%zz": -32002} {
		if code := subscribe(id); code != want {
			t.Errorf("%q: got %d", id, code)
		}
	}
	for i, want := range []int{0, 0, -32000} {
		if code := subscribe(fmt.Sprint(i)); code != want {
			t.Errorf("subscription %d: got %d", i, code)
		}
	}
	if code := subscribe("0"); code != 0 {
		t.Errorf("a subscription that is there already: got %d", code)
	}
	conn.Close()
	if conn.UnderWay() != 0 || len(conn.subscriptions) != 0 {
		t.Errorf("%d requests and %d subscriptions are left", conn.UnderWay(), len(conn.subscriptions))
	}
}

func TestWhatCannotBeRead(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Conformance()))
	initialize(t, conn, "2025-11-25", "{}")
	for _, uri := range []string{"test://nothing", "test://template//data", "test://template/a/b/data", "x"} {
		if code := errorCode(t, call(t, conn, request("1", "resources/read", fmt.Sprintf(`{"uri":%q}`, uri)))); code != -32002 {
			t.Errorf("%s: got %d", uri, code)
		}
	}
	got := call(t, conn, request("1", "resources/read", `{"uri":"test://template/a%20b/data"}`))
	if !strings.Contains(got, `{\"id\":\"a b\",\"templateTest\":true,\"data\":\"Data for ID: a b\"}`) {
		t.Errorf("got %s", got)
	}
}

func TestArgumentsAreHeldAgainstTheSchema(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Conformance()))
	initialize(t, conn, "2025-11-25", "{}")
	for _, test := range []struct {
		tool, arguments, want string
		isError               bool
	}{
		{"json_schema_2020_12_tool", `{"email": "e"}`, `JSON Schema 2020-12 tool called with: {"email":"e"}`, false},
		{"json_schema_2020_12_tool", `{}`, "Invalid arguments for json_schema_2020_12_tool: ", true},
		{"json_schema_2020_12_tool", `{"email":"e","address":{"street":1}}`, "Invalid arguments for json_schema_2020_12_tool: ", true},
		{"conformance_repeat", `{"size":3.0}`, "xxx", false},
		{"conformance_repeat", `{"size":3.5}`, "Invalid arguments for conformance_repeat: ", true},
		{"conformance_echo", `{"text":"x","more":1}`, "Invalid arguments for conformance_echo: ", true},
		{"conformance_whoami", `{"a":1}`, "Invalid arguments for conformance_whoami: ", true},
		{
			"conformance_whoami", `{}`, `{"email":null,"teams":[],"is_authenticated":false,"is_admin":false,` +
				`"permission_is_admin":false,"token_use":null,"scoped_permissions":[],"scoped_server_id":null,"server_id":null}`, false,
		},
	} {
		params := fmt.Sprintf(`{"name":%q,"arguments":%s}`, test.tool, test.arguments)
		text, isError := toolText(t, call(t, conn, request("1", "tools/call", params)))
		if isError != test.isError || !strings.HasPrefix(text, test.want) {
			t.Errorf("%s %s: got %q", test.tool, test.arguments, text)
		}
	}
}

func TestCompletionHasAllOfItsMembers(t *testing.T) {
	conn, _ := connect(t, newServer(t, catalog.Conformance()))
	initialize(t, conn, "2025-11-25", "{}")
	for value, want := range map[string]string{
		"b": `"result":{"completion":{"values":["beta"],"total":1,"hasMore":false}}`,
		"x": `"result":{"completion":{"values":[],"total":0,"hasMore":false}}`,
	} {
		params := fmt.Sprintf(`{"ref":{"type":"ref/prompt","name":"test_prompt_with_arguments"},"argument":{"name":"arg1","value":%q}}`, value)
		if got := call(t, conn, request("1", "completion/complete", params)); !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	unknown := `{"ref":{"type":"ref/resource","uri":"test://template/{id}/data"},"argument":{"name":"other","value":""}}`
	if code := errorCode(t, call(t, conn, request("1", "completion/complete", unknown))); code != -32602 {
		t.Errorf("got %d", code)
	}
}
