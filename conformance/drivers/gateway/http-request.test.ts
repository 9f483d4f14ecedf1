import { expect, test } from 'vitest';
import { completeRequest } from './http-request.ts';

const url = new URL('http://127.0.0.1:8080');
const caller = {
  url,
  fields: [['X-Key', 'k'] as const],
  bearer: 'aaa.bbb.ccc',
  otherBearer: 'other',
  namesakeBearer: 'n',
  withdrawnBearer: 'w',
};

test('completes a request with the defaults of an ordinary client', () => {
  expect(completeRequest({ body: '{}' }, caller)).toEqual({
    method: 'POST',
    target: '/mcp',
    fields: [
      ['Host', '127.0.0.1:8080'],
      ['Accept', 'application/json, text/event-stream'],
      ['Content-Type', 'application/json'],
      ['X-Key', 'k'],
      ['Authorization', 'Bearer aaa.bbb.ccc'],
      ['Content-Length', '2'],
    ],
    lines: [],
    body: Buffer.from('{}'),
    trailers: [],
    unfinished: false,
    localAddress: undefined,
    paused: false,
  });
});

test('replaces default fields case-insensitively and preserves the order', () => {
  const { fields } = completeRequest(
    { method: 'GET', headers: ['ACCEPT: a', 'x: 1', 'X:  2 '], without: ['x-key'], credentials: 'valid' },
    { url, fields: [['X-Key', 'k']] },
  );
  expect(fields).toEqual([
    ['Host', '127.0.0.1:8080'],
    ['ACCEPT', 'a'],
    ['x', '1'],
    ['X', ' 2 '],
  ]);
});

test.each([
  ['none', undefined],
  ['other', 'Bearer other'],
  ['wrong', 'Bearer aaa.bbb.Acc'],
  ['expired', undefined],
  ['namesake', 'Bearer n'],
  ['withdrawn', 'Bearer w'],
] as const)('sends credentials: %s', (credentials, expected) => {
  const { fields } = completeRequest({ method: 'GET', credentials }, caller);
  expect(fields.find(([name]) => name === 'Authorization')?.[1]).toBe(expected);
  expect(fields.some(([name]) => name === 'X-Key')).toBe(false);
});

test('sends trailers, the chunked coding and an announced length unchanged', () => {
  const { fields, trailers } = completeRequest({ body: 'x', trailers: ['A: 1', 'B: 2'] }, caller);
  expect(fields.slice(-2)).toEqual([
    ['Transfer-Encoding', 'chunked'],
    ['Trailer', 'A, B'],
  ]);
  expect(trailers).toEqual([
    ['A', '1'],
    ['B', '2'],
  ]);
  const announced = completeRequest({ body: 'x', announced: 100 }, caller);
  expect(announced.fields.at(-1)).toEqual(['Content-Length', '100']);
});
