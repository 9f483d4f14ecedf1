package clientsteps

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

const (
	calls       = 100
	firstID     = 1000
	answerBytes = 1024 * 1024
)

// caller is a caller with one session.
type caller struct {
	client  Client
	name    string
	session string
}

func (c *caller) health(ctx context.Context) error {
	health, err := c.client.HealthCheck(ctx, &runtimev1.HealthRequest{})
	if err == nil && health.Status != "ok" {
		err = fmt.Errorf("got status %q", health.Status)
	}
	return err
}

func (c *caller) initialize(ctx context.Context) error {
	params := fmt.Sprintf(`{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":%q,"version":"1"}}`, c.name)
	response, err := c.invoke(ctx, message(1, "initialize", params), nil)
	if err != nil {
		return err
	}
	c.session = response.Headers["mcp-session-id"]
	notification, err := c.client.Invoke(ctx, c.request(`{"jsonrpc":"2.0","method":"notifications/initialized"}`), nil)
	if err == nil && notification.Status != 202 {
		err = fmt.Errorf("got status %d for a notification", notification.Status)
	}
	return err
}

func (c *caller) ping(ctx context.Context) error {
	_, err := c.invoke(ctx, message(1, "ping", "{}"), nil)
	return err
}

func (c *caller) metadata(ctx context.Context) error {
	_, err := c.invoke(ctx, message(1, "ping", "{}"), Metadata{"x-request-id": "a b", "trace-bin": "\x00\xff"})
	return err
}

func (c *caller) stream(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	chunk, err := c.client.FirstChunk(ctx, c.request(""))
	if err == nil && chunk.Status != 200 {
		err = fmt.Errorf("got status %d", chunk.Status)
	}
	return err
}

func (c *caller) large(ctx context.Context) error {
	text := strings.Repeat("x", answerBytes)
	body, err := c.tool(ctx, "conformance_echo", `{"text":"`+text+`"}`)
	if err == nil && !strings.Contains(body, text) {
		err = fmt.Errorf("the answer of %d bytes does not have the text", len(body))
	}
	return err
}

func (c *caller) concurrent(ctx context.Context) error {
	outcomes := make(chan error, calls)
	for id := firstID; id < firstID+calls; id++ {
		go func() {
			response, err := c.invoke(ctx, message(id, "ping", "{}"), nil)
			if err == nil && !strings.Contains(string(response.Body), fmt.Sprintf(`"id":%d`, id)) {
				err = fmt.Errorf("call %d got %s", id, response.Body)
			}
			outcomes <- err
		}()
	}
	var problem error
	for range calls {
		problem = errors.Join(problem, <-outcomes)
	}
	return problem
}

func (c *caller) deadline(ctx context.Context) error {
	key := "deadline-" + c.session
	short, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	_, err := c.tool(short, "conformance_wait", `{"key":"`+key+`"}`)
	if err == nil {
		return errors.New("the call got an answer")
	}
	if code := c.client.CodeOf(err); code != deadlineExceeded {
		return fmt.Errorf("got code %d instead of %d: %w", code, deadlineExceeded, err)
	}
	return c.awaitState(ctx, key, "cancelled", "unknown")
}

func (c *caller) cancel(ctx context.Context) error {
	key := "cancel-" + c.session
	cancelled, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := c.tool(cancelled, "conformance_wait", `{"key":"`+key+`"}`)
		ended <- err
	}()
	if err := c.awaitState(ctx, key, "running"); err != nil {
		return err
	}
	cancel()
	if err := <-ended; err == nil {
		return errors.New("the cancelled call got an answer")
	}
	return c.awaitState(ctx, key, "cancelled")
}

func (c *caller) close(ctx context.Context) error {
	response, err := c.client.CloseSession(ctx, c.request(""))
	if err == nil && response.Status/100 != 2 {
		err = fmt.Errorf("got status %d", response.Status)
	}
	return err
}
