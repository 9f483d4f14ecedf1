//go:build faults

// Package faults breaks a runtime, one behaviour at a time, so that the conformance kit can be held against it. It is in
// no build but the one with the tag "faults".
package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"google.golang.org/grpc"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

// Variable names the fault, in the environment.
const Variable = "MCP_RUNTIME_FAULT"

// Decorator puts something between the gRPC server and a runtime.
type Decorator = func(runtimev1.McpRuntimeServer) runtimev1.McpRuntimeServer

// fault is one broken behaviour.
type fault struct {
	Name string `json:"name"`
	// Clause is the one that it violates: a case of it has to fail.
	Clause string `json:"clause"`
	// About says what is wrong, in one sentence.
	About string `json:"about"`
	make  func() changes
}

// changes is what a fault does to calls; nil leaves a thing as it is.
type changes struct {
	// request changes the request message of each of the three RPCs that have one.
	request func(*runtimev1.McpRequest)
	// answer sees the request as it came and changes the answer of Invoke and CloseSession.
	answer func(*runtimev1.McpRequest, *runtimev1.McpResponse)
	// failed changes the gRPC status that a call ends with.
	failed func(error) error
	// context changes that of a unary call, streamContext that of a stream.
	context       func(context.Context) context.Context
	streamContext func(context.Context) context.Context
	// invoke and closeSession stand in for those RPCs.
	invoke       func(context.Context, *runtimev1.McpRequest, unary) (*runtimev1.McpResponse, error)
	closeSession func(context.Context, *runtimev1.McpRequest, unary) (*runtimev1.McpResponse, error)
	// chunk changes a chunk of a stream; with false it is not sent.
	chunk func(*runtimev1.McpRequest, *runtimev1.McpChunk) bool
	// chunks makes what sees all chunks of one stream.
	chunks func(send func(*runtimev1.McpChunk) error) (next func(*runtimev1.McpChunk) error)
	health func(*runtimev1.HealthResponse)
}

type unary = func(context.Context, *runtimev1.McpRequest) (*runtimev1.McpResponse, error)

// all is every fault, by what it is about.
func all() []fault {
	var every []fault
	for _, some := range [][]fault{callFaults, sessionFaults, identityFaults, streamFaults} {
		every = append(every, some...)
	}
	return every
}

// List writes every fault as one line of JSON.
func List(to io.Writer) error {
	encoder := json.NewEncoder(to)
	for _, fault := range all() {
		if err := encoder.Encode(fault); err != nil {
			return err
		}
	}
	return nil
}

// Named is the fault with a name. Without a name there is none.
func Named(name string) (Decorator, error) {
	if name == "" {
		return nil, nil
	}
	for _, fault := range all() {
		if fault.Name == name {
			changes := fault.make()
			return func(next runtimev1.McpRuntimeServer) runtimev1.McpRuntimeServer { return &broken{next, changes} }, nil
		}
	}
	return nil, fmt.Errorf("%s: there is no fault %q", Variable, name)
}

// broken is a runtime with a fault.
type broken struct {
	runtimev1.McpRuntimeServer
	changes changes
}

func (b *broken) Invoke(ctx context.Context, request *runtimev1.McpRequest) (*runtimev1.McpResponse, error) {
	return b.unary(ctx, request, b.McpRuntimeServer.Invoke, b.changes.invoke)
}

func (b *broken) CloseSession(ctx context.Context, request *runtimev1.McpRequest) (*runtimev1.McpResponse, error) {
	return b.unary(ctx, request, b.McpRuntimeServer.CloseSession, b.changes.closeSession)
}

func (b *broken) HealthCheck(ctx context.Context, request *runtimev1.HealthRequest) (*runtimev1.HealthResponse, error) {
	response, err := b.McpRuntimeServer.HealthCheck(ctx, request)
	if b.changes.health != nil && err == nil {
		b.changes.health(response)
	}
	return response, err
}

func (b *broken) unary(
	ctx context.Context, request *runtimev1.McpRequest, work unary,
	instead func(context.Context, *runtimev1.McpRequest, unary) (*runtimev1.McpResponse, error),
) (*runtimev1.McpResponse, error) {
	if b.changes.context != nil {
		ctx = b.changes.context(ctx)
	}
	if b.changes.request != nil {
		b.changes.request(request)
	}
	var response *runtimev1.McpResponse
	var err error
	if instead != nil {
		response, err = instead(ctx, request, work)
	} else {
		response, err = work(ctx, request)
	}
	if err != nil && b.changes.failed != nil {
		return nil, b.changes.failed(err)
	}
	if err == nil && b.changes.answer != nil {
		b.changes.answer(request, response)
	}
	return response, err
}

func (b *broken) InvokeStream(
	request *runtimev1.McpRequest, call grpc.ServerStreamingServer[runtimev1.McpChunk],
) error {
	if b.changes.request != nil {
		b.changes.request(request)
	}
	changed := &brokenStream{ServerStreamingServer: call, ctx: call.Context(), send: call.Send}
	if b.changes.streamContext != nil {
		changed.ctx = b.changes.streamContext(call.Context())
	}
	if b.changes.chunks != nil {
		changed.send = b.changes.chunks(call.Send)
	}
	if chunk := b.changes.chunk; chunk != nil {
		send := changed.send
		changed.send = func(next *runtimev1.McpChunk) error {
			if !chunk(request, next) {
				return nil
			}
			return send(next)
		}
	}
	err := b.McpRuntimeServer.InvokeStream(request, changed)
	if err != nil && b.changes.failed != nil {
		return b.changes.failed(err)
	}
	return err
}

type brokenStream struct {
	grpc.ServerStreamingServer[runtimev1.McpChunk]
	ctx  context.Context
	send func(*runtimev1.McpChunk) error
}

func (s *brokenStream) Context() context.Context { return s.ctx }

func (s *brokenStream) Send(chunk *runtimev1.McpChunk) error { return s.send(chunk) }
