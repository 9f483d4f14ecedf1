package clientsteps

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

const claims = `{"email":"client@example.com","teams":[],"is_authenticated":true}`

// invoke makes a call that the runtime must answer with 200.
func (c *caller) invoke(ctx context.Context, body string, metadata Metadata) (*runtimev1.McpResponse, error) {
	response, err := c.client.Invoke(ctx, c.request(body), metadata)
	if err == nil && response.Status != 200 {
		err = fmt.Errorf("got status %d: %.200s", response.Status, response.Body)
	}
	return response, err
}

func (c *caller) tool(ctx context.Context, name, arguments string) (string, error) {
	response, err := c.invoke(ctx, message(1, "tools/call", fmt.Sprintf(`{"name":%q,"arguments":%s}`, name, arguments)), nil)
	return string(response.GetBody()), err
}

// awaitState polls conformance_state until a call of conformance_wait has one of the expected states.
func (c *caller) awaitState(ctx context.Context, key string, expected ...string) error {
	for {
		body, err := c.tool(ctx, "conformance_state", `{"key":"`+key+`"}`)
		if err != nil {
			return fmt.Errorf("conformance_wait is not %s: %w", strings.Join(expected, " or "), err)
		}
		for _, state := range expected {
			if strings.Contains(body, `"`+state+`"`) {
				return nil
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func message(id int, method, params string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`, id, method, params)
}

func (c *caller) request(body string) *runtimev1.McpRequest {
	return &runtimev1.McpRequest{
		Path:        "/mcp",
		Headers:     map[string]string{"content-type": "application/json", "accept": "application/json, text/event-stream"},
		AuthContext: &runtimev1.McpAuthContext{Encoded: base64.RawURLEncoding.EncodeToString([]byte(claims))},
		SessionId:   c.session,
		Body:        []byte(body),
	}
}
