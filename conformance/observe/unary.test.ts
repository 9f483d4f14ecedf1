import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { HealthResponseSchema, McpResponseSchema } from '../../proto/index.ts';
import type { CallEnd } from '../wire/call-end.ts';
import { observeHealth, observeUnary } from './unary.ts';

const ok: CallEnd = {
  grpc: 'OK',
  grpcMessage: '',
  httpStatus: 200,
  protocolProblem: undefined,
  answered: true,
};

function response(body: string | Uint8Array, headers: Record<string, string> = {}, status = 200): Uint8Array {
  return toBinary(
    McpResponseSchema,
    create(McpResponseSchema, { status, headers, body: Buffer.from(body as string) }),
  );
}

const json = { 'content-type': 'application/json; charset=utf-8' };
const sse = { 'Content-Type': 'text/event-stream' };

describe('observing a call', () => {
  it('returns a JSON-RPC message with the token of its id', () => {
    const bytes = response('{"jsonrpc":"2.0","id":9007199254740993,"result":{}}', json);
    expect(observeUnary(ok, [bytes])).toMatchObject({
      grpc: 'OK',
      status: 200,
      form: 'json',
      idToken: '9007199254740993',
      messages: [],
    });
  });

  it('finds the last message in a body of server-sent events', () => {
    const body =
      ': hello\n\ndata: {"method":"ping"}\n\nid: 1\ndata:\n\nevent: message\ndata: {"id":"x",\ndata: "result":{}}\n\n';
    expect(observeUnary(ok, [response(body, sse)])).toMatchObject({
      form: 'sse',
      headers: { 'content-type': 'text/event-stream' },
      headerNames: ['Content-Type'],
      message: { id: 'x', result: {} },
      idToken: '"x"',
      messages: [{ method: 'ping' }],
    });
  });

  it('distinguishes an empty body from a body of another type', () => {
    expect(observeUnary(ok, [response('', {}, 202)])).toMatchObject({ status: 202, form: 'empty', bytes: 0 });
    expect(observeUnary(ok, [response('no', { 'content-type': 'text/plain' }, 404)])).toMatchObject({
      form: 'other',
      text: 'no',
    });
  });

  it('returns only the gRPC status of a failed call', () => {
    const end: CallEnd = { ...ok, grpc: 'INVALID_ARGUMENT', grpcMessage: 'no' };
    expect(observeUnary(end, [])).toEqual({ grpc: 'INVALID_ARGUMENT', grpcMessage: 'no' });
  });

  it('rejects an invalid answer and names the violated clause', () => {
    expect(() => observeUnary(ok, [])).toThrow('RPC-1: a unary call ended with OK but returned no message');
    expect(() => observeUnary(ok, [Buffer.from('ff', 'hex')])).toThrow(
      /^RPC-1: the response is not a valid McpResponse/,
    );
    expect(() => observeUnary(ok, [response('{"cut', json)])).toThrow(/^JSONRPC-10: .* is not JSON/);
    expect(() => observeUnary(ok, [response(Buffer.from([0xff]), json)])).toThrow(
      /^JSONRPC-10: .* is not UTF-8/,
    );
    expect(() => observeUnary(ok, [response('{"cut', json, 400)])).toThrow(/^ERROR-2: .* is not JSON/);
    expect(() => observeUnary(ok, [response('data: {"cut\n\n', sse)])).toThrow(/^STREAM-6/);
  });

  it('returns the answer to a health check', () => {
    const health = { status: 'ok', mode: 'full', version: '1', capabilities: ['resume'] };
    const bytes = toBinary(HealthResponseSchema, create(HealthResponseSchema, health));
    expect(observeHealth(ok, [bytes])).toMatchObject({ health });
  });
});
