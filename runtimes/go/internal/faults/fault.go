//go:build faults

// Package faults breaks one behaviour of the runtime, to test that the conformance kit detects the fault. Only builds
// with the tag "faults" include this package.
package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"google.golang.org/grpc"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/runtimev1"
)

// Variable is the environment variable that names the fault.
const Variable = "MCP_RUNTIME_FAULT"

// Decorator wraps the implementation of the RPCs.
type Decorator = func(runtimev1.McpRuntimeServer) runtimev1.McpRuntimeServer

// fault is a deliberate defect in the runtime.
type fault struct {
	Name string `json:"name"`
	// Clause is the clause that the fault violates. A case of this clause must fail.
	Clause string `json:"clause"`
	// About describes the fault in one sentence.
	About string `json:"about"`
	make  func() changes
}

// changes are the differences between a runtime with a fault and the unmodified runtime. A nil member has no effect.
type changes struct {
	// request changes the requests of all RPCs except HealthCheck.
	request func(*runtimev1.McpRequest)
	// answer changes the responses from Invoke and CloseSession. It also receives the request.
	answer func(*runtimev1.McpRequest, *runtimev1.McpResponse)
	// failed changes the gRPC status of a failed call.
	failed func(error) error
	// context changes the context of a unary call. streamContext changes the context of a stream.
	context       func(context.Context) context.Context
	streamContext func(context.Context) context.Context
	// requestContext changes the context of every call. It also receives the request.
	requestContext func(context.Context, *runtimev1.McpRequest) context.Context
	// invoke and closeSession replace these RPCs.
	invoke       func(context.Context, *runtimev1.McpRequest, unary) (*runtimev1.McpResponse, error)
	closeSession func(context.Context, *runtimev1.McpRequest, unary) (*runtimev1.McpResponse, error)
	// chunk changes a chunk of a stream. If it returns false, the chunk is dropped.
	chunk func(*runtimev1.McpRequest, *runtimev1.McpChunk) bool
	// chunks returns a function that sends all chunks of a stream.
	chunks func(send func(*runtimev1.McpChunk) error) (next func(*runtimev1.McpChunk) error)
	health func(*runtimev1.HealthResponse)
}

type unary = func(context.Context, *runtimev1.McpRequest) (*runtimev1.McpResponse, error)

// all returns all faults.
func all() []fault {
	var every []fault
	for _, some := range [][]fault{callFaults, sessionFaults, identityFaults, streamFaults, modernFaults, sharingFaults} {
		every = append(every, some...)
	}
	return every
}

// List writes each fault as a line of JSON.
func List(to io.Writer) error {
	encoder := json.NewEncoder(to)
	for _, fault := range all() {
		if err := encoder.Encode(fault); err != nil {
			return err
		}
	}
	return nil
}

// Named returns the decorator for the fault with this name, or nil if the name is empty.
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
	return nil, fmt.Errorf("%s: unknown fault %q", Variable, name)
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
	if b.changes.requestContext != nil {
		ctx = b.changes.requestContext(ctx, request)
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
	if b.changes.requestContext != nil {
		changed.ctx = b.changes.requestContext(changed.ctx, request)
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
