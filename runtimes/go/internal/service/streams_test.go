package service

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAPostStreamEndsWithItsResponse(t *testing.T) {
	served := newServed(t, nil)
	text := drain(t, served.open(t.Context(), post(served.session(), toolCall("say"))))
	message, response, _ := strings.Cut(text, "\n\n")
	if !strings.Contains(message, `"data":"hello"`) || !strings.Contains(response, `"text":"say"`) {
		t.Errorf("got %q", text)
	}
}

func TestAnAbandonedPostStreamStopsItsRequest(t *testing.T) {
	served := newServed(t, nil)
	open := served.open(t.Context(), post(served.session(), toolCall("wait")))
	<-served.started
	open.Release(false)
	<-served.stopped
}

func TestAHandshakeStreamHasTheSessionID(t *testing.T) {
	served := newServed(t, nil)
	open := served.open(t.Context(), post("", request("1", "initialize", initializeParams)))
	id := open.Headers["mcp-session-id"]
	if text := drain(t, open); !strings.Contains(text, `"protocolVersion":"2025-06-18"`) {
		t.Errorf("got %q", text)
	}
	if answer, err := served.Invoke(t.Context(), post(id, request("2", "ping", "{}"))); err != nil || answer.Status != 200 {
		t.Errorf("got %v, %v", answer, err)
	}
	failed := served.open(t.Context(), post("", request("1", "initialize", "{}")))
	if text := drain(t, failed); failed.Headers["mcp-session-id"] != "" || !strings.Contains(text, "-32602") {
		t.Errorf("got %v, %q", failed.Headers, text)
	}
}

func TestOnlyOneCallReadsTheLiveStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		served := newServed(t, nil)
		defer served.options.Sessions.Close()
		id := served.session()
		first := served.open(t.Context(), get(id, ""))
		started := time.Now()
		_, err := served.InvokeStream(t.Context(), get(id, ""))
		checkRefusal(t, "a second call", err, 409, "stream_is_open")
		if waited := time.Since(started); waited != served.options.Limits.Takeover {
			t.Errorf("the second call waited %s", waited)
		}
		time.AfterFunc(100*time.Millisecond, func() { first.Release(false) })
		second := served.open(t.Context(), get(id, ""))
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := served.InvokeStream(ctx, get(id, "")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a call that ends while it waits: got %v", err)
		}
		if _, err := served.CloseSession(t.Context(), post(id, "")); err != nil {
			t.Error(err)
		}
		if text := drain(t, second); text != "" {
			t.Errorf("got %q", text)
		}
	})
}

func TestAnUnknownEventIDIsRefused(t *testing.T) {
	served := newServed(t, nil)
	_, err := served.InvokeStream(t.Context(), get(served.session(), "unknown"))
	checkRefusal(t, "an unknown event", err, 400, "unknown_event_id")
}
