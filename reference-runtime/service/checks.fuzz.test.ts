import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzRuns } from '../../base/testing/fuzz-runs.ts';
import { CallRefused } from '../failures/call-refused.ts';
import { RequestRefused } from '../failures/request-refused.ts';
import { readHeaders } from '../http/call.ts';
import { identify, identityHooks } from '../identity/caller.ts';
import { runAtOnce } from '../large-json/fair-work.ts';
import { parseLargeMessage, parseMessage } from '../mcp/envelope.ts';

const messages = [
  '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  '{"jsonrpc":"2.0","id":"\\u0061","method":"tools/call","params":{"_meta":{"progressToken":1e400}}}',
  '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":9007199254740993}}',
  '{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""},"id":2}',
  '{"jsonrpc":"2.0","id":1,"result":{"__proto__":[]}}',
];
const fragments = [
  '"id":null,',
  '"id":{},',
  ',',
  '[',
  '{',
  '}',
  '"',
  '\\',
  '\0',
  '\ufeff',
  '"method":7,',
  '1e5',
  ' ',
];

/** A text with fragments in random places. */
function damaged(texts: readonly string[]): fc.Arbitrary<Buffer> {
  const change = fc.tuple(fc.nat(200), fc.constantFrom(...fragments), fc.nat(2));
  const changed = fc
    .tuple(fc.constantFrom(...texts), fc.array(change, { maxLength: 3 }))
    .map(([text, changes]) =>
      changes.reduce((all, [at, inserted, removed]) => {
        const index = at % (all.length + 1);
        return all.slice(0, index) + inserted + all.slice(index + removed);
      }, text),
    );
  return fc.oneof(
    changed.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  );
}

function outcomeOf<T>(work: () => T): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof RequestRefused)
      return { status: error.httpStatus, code: error.code, message: error.message };
    if (error instanceof CallRefused) return { grpcStatus: error.grpcStatus };
    throw error;
  }
}

test('a body is a message or is refused with 400, in the same way if it is parsed in steps', () => {
  fc.assert(
    fc.property(damaged(messages), (body) => {
      const outcome = outcomeOf(() => parseMessage(body));
      expect(outcomeOf(() => runAtOnce(parseLargeMessage(body)))).toEqual(outcome);
      if (Object.hasOwn(Object(outcome), 'status')) expect(outcome).toMatchObject({ status: 400 });
      const id = Object(outcome).kind === 'request' ? Object(outcome).id : '0';
      expect(['string', 'number']).toContain(typeof JSON.parse(id));
    }),
    fuzzRuns(2000),
  );
});

test('only an authenticated email makes a caller known', () => {
  const claims = [
    '{"email":"a","is_authenticated":true,"teams":null,"is_admin":true}',
    '{"email":"","is_authenticated":true,"email":"b","scoped_permissions":["c"]}',
    '{"is_authenticated":false,"email":"a","teams":[null]}',
  ];
  const encoded = fc.oneof(
    damaged(claims).map((text) => text.toString('base64url')),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  fc.assert(
    fc.property(encoded, (text) => {
      const context = { encoded: text, expiresAtEpochMs: 0n };
      const outcome = outcomeOf(() => identify(context, identityHooks));
      if (Object.hasOwn(Object(outcome), 'status')) expect(outcome).toMatchObject({ status: 401 });
      if (Object(outcome).kind !== 'known') return;
      const value = JSON.parse(Buffer.from(text, 'base64url').toString());
      expect(value).toMatchObject({ is_authenticated: true, email: Object(outcome).email });
      expect(Object(outcome).claims.isAdmin).toBe(value.is_admin === true);
    }),
    fuzzRuns(2000),
  );
});

test('header fields are lower-case tokens with visible values, or are refused', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom('A', 'a', 'x\r\ny: z', '__proto__'),
  );
  fc.assert(
    fc.property(fc.dictionary(text, text, { maxKeys: 5 }), (fields) => {
      const headers = outcomeOf(() => readHeaders(fields));
      if (!(headers instanceof Map)) {
        expect(headers).toEqual({ grpcStatus: status.INVALID_ARGUMENT });
        return;
      }
      for (const [name, value] of headers) {
        expect(name).toMatch(/^[!#$%&'*+.^_`|~0-9a-z-]+$/);
        expect(value).toMatch(/^[\t\x20-\x7e]*$/);
      }
    }),
    fuzzRuns(2000),
  );
});
