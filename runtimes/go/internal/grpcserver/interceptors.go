package grpcserver

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/failure"
	"github.com/contextforge/mcp-runtime-conformance/runtimes/go/internal/stack"
)

// interceptors check the calls of every method and recover from panics in their handlers.
type interceptors struct{ logger *slog.Logger }

func (i interceptors) unary(
	ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler,
) (response any, err error) {
	defer i.recoverPanic(&err)
	if err := admit(ctx); err != nil {
		return nil, err
	}
	if err := checkDecoded(request); err != nil {
		return nil, err
	}
	return handle(ctx, request)
}

func (i interceptors) stream(
	runtime any, call grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler,
) (err error) {
	defer i.recoverPanic(&err)
	if err := admit(call.Context()); err != nil {
		return err
	}
	return handle(runtime, checkedStream{call})
}

// recoverPanic turns a panic into a failure of its call, so that the runtime keeps running.
func (i interceptors) recoverPanic(err *error) {
	if value := recover(); value != nil {
		i.logger.Error("a call panicked", failure.Panic(value))
		*err = failure.Unexpected()
	}
}

// admit checks the content type and disables compression of the response. By default, grpc-go compresses a response
// like its request, even if the client does not accept that compression.
func admit(ctx context.Context) error {
	if err := grpc.SetSendCompressor(ctx, encoding.Identity); err != nil {
		return failure.Unexpected()
	}
	return checkContentType(ctx)
}

// checkContentType refuses codecs other than protobuf (RPC-16). The forced codec would decode them as protobuf.
func checkContentType(ctx context.Context) error {
	for _, value := range metadata.ValueFromIncomingContext(ctx, "content-type") {
		mediaType, _, _ := strings.Cut(strings.ToLower(value), ";")
		if mediaType = strings.TrimSpace(mediaType); mediaType != "application/grpc" && mediaType != "application/grpc+proto" {
			return status.Error(codes.InvalidArgument, "content-type: must be application/grpc or application/grpc+proto")
		}
	}
	return nil
}

// undecodable marks a request that is not valid protobuf. The mark is an unknown field with a random value, so that
// clients cannot forge it.
var undecodable = protowire.AppendString(
	protowire.AppendTag(nil, protowire.MaxValidNumber, protowire.BytesType), rand.Text())

// codec marks requests that it cannot decode instead of returning an error. On an error, grpc-go would fail the call
// with INTERNAL and the decoder's message (ERROR-3, ERROR-4).
type codec struct{ encoding.CodecV2 }

func (c codec) Unmarshal(data mem.BufferSlice, message any) error {
	stack.Grow()
	err := c.CodecV2.Unmarshal(data, message)
	if request, ok := message.(proto.Message); ok && err != nil {
		proto.Reset(request)
		request.ProtoReflect().SetUnknown(undecodable)
		return nil
	}
	return err
}

func checkDecoded(message any) error {
	request, ok := message.(proto.Message)
	if ok && bytes.Equal(request.ProtoReflect().GetUnknown(), undecodable) {
		return status.Error(codes.InvalidArgument, "The request message is not valid protobuf")
	}
	return nil
}

// checkedStream refuses requests that the codec could not decode.
type checkedStream struct{ grpc.ServerStream }

func (s checkedStream) RecvMsg(message any) error {
	if err := s.ServerStream.RecvMsg(message); err != nil {
		return err
	}
	return checkDecoded(message)
}
