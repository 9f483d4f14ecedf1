import type { IncomingHttpHeaders } from 'node:http2';
import { create, toBinary } from '@bufbuild/protobuf';
import { Server } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeLengthPrefixed } from '../../base/length-prefix.ts';
import { McpRequestSchema } from '../../proto/index.ts';
import { Harness, initialize } from '../testing/harness.ts';
import { type Http2Connection, statusOf } from '../testing/http2-connection.ts';
import { answerUnaryDirectly } from './fast-unary.ts';

let harness: Harness;
let connection: Http2Connection;
beforeAll(async () => {
  harness = await Harness.start();
  connection = harness.connectHttp2();
});
afterAll(() => harness[Symbol.asyncDispose]());

const body = Buffer.from(JSON.stringify(initialize()));
const request = encodeLengthPrefixed(
  toBinary(McpRequestSchema, create(McpRequestSchema, { path: '/mcp', body })),
);

/** Sends pieces of a request. @returns the gRPC status. @param isLast whether the client half-closes the call */
async function statusAfter(
  pieces: readonly Buffer[],
  { isLast = true, headers = {} }: { readonly isLast?: boolean; readonly headers?: IncomingHttpHeaders } = {},
): Promise<string | undefined> {
  const stream = connection.request('Invoke', headers);
  const status = statusOf(stream);
  for (const piece of pieces) {
    await new Promise((resolve) => stream.write(piece, resolve));
  }
  if (isLast) stream.end();
  const found = await status;
  stream.close();
  return found;
}

it('answers a request that arrives byte by byte', async () => {
  expect(await statusAfter(Array.from(request, (byte) => Buffer.of(byte)))).toBe('0');
});

it('refuses a request without a message, with an incomplete message, or with two messages', async () => {
  expect(await statusAfter([])).toBe('12');
  expect(await statusAfter([request.subarray(0, 3)])).toBe('12');
  expect(await statusAfter([request.subarray(0, -1)])).toBe('12');
  expect(await statusAfter([request, request])).toBe('12');
});

it('refuses a message that is too large before it has arrived', async () => {
  const prefix = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]);
  expect(await statusAfter([prefix], { isLast: false })).toBe('8');
});

it('ends a call at its deadline, even if its request is incomplete', async () => {
  expect(await statusAfter([request], { isLast: false, headers: { 'grpc-timeout': '20m' } })).toBe('4');
});

it('leaves an invalid deadline to grpc-js', async () => {
  expect(await statusAfter([request], { headers: { 'grpc-timeout': 'soon' } })).toBe('13');
});

it('uses the members of the installed grpc-js, and leaves all calls to a version without them', () => {
  const server = new Server();
  expect(answerUnaryDirectly(server, {})).toBe(true);
  Reflect.set(server, '_streamHandler', undefined);
  expect(answerUnaryDirectly(server, {})).toBe(false);
});
