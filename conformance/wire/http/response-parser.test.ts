import { describe, expect, it, test } from 'vitest';
import { ResponseError, ResponseParser } from './response-parser.ts';

interface Parsed {
  readonly statuses: number[];
  readonly keepAlive: boolean[];
  body: string;
  ended: boolean;
}

function parse(pieces: readonly string[], method = 'POST'): Parsed & { readonly parser: ResponseParser } {
  const parser = new ResponseParser();
  const parsed: Parsed = { statuses: [], keepAlive: [], body: '', ended: false };
  parser.expect(method, {
    head: ({ status, keepAlive }) => {
      parsed.statuses.push(status);
      parsed.keepAlive.push(keepAlive);
    },
    data: (bytes) => {
      parsed.body += bytes.toString('latin1');
    },
    end: () => {
      parsed.ended = true;
    },
  });
  for (const piece of pieces) parser.push(Buffer.from(piece, 'latin1'));
  return Object.assign(parsed, { parser });
}

const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';

const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n';

describe('valid responses', () => {
  it.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc', 'abc'],
    ['chunks', `${chunked}2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n`, 'abc'],
    ['trailers', `${chunked}3\r\nabc\r\n0\r\nx: y\r\n\r\n`, 'abc'],
    ['no reason', 'HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n', ''],
    ['interim responses', `${interim}HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na`, 'a'],
    ['no content', 'HTTP/1.1 204 No Content\r\n\r\n', ''],
  ])('reads a body with %s, in one piece or in single bytes', (_, text, body) => {
    for (const pieces of [[text], Array.from(text)]) {
      expect(parse(pieces)).toMatchObject({ body, ended: true, keepAlive: [true] });
    }
  });

  it('closes the connection if the response says so', () => {
    const text = 'HTTP/1.1 400 Bad Request\r\nConnection: keep-alive, Close\r\ncontent-length: 0\r\n\r\n';
    expect(parse([text])).toMatchObject({ keepAlive: [false], ended: true });
  });

  it('reads until the end of the connection', () => {
    const parsed = parse(['HTTP/1.1 200 OK\r\n\r\nab', 'c']);
    expect(parsed).toMatchObject({ body: 'abc', ended: false, keepAlive: [false] });
    expect(parsed.parser.end()).toBe(true);
    expect(parsed.ended).toBe(true);
  });

  it('ignores the length in the response to HEAD', () => {
    expect(parse(['HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n'], 'HEAD').ended).toBe(true);
  });
});

test.each([
  ['HTTP/1.0 200 OK\r\n\r\n', /not a status line/],
  ['HTTP/1.1 20 OK\r\n\r\n', /not a status line/],
  ['ICY 200 OK\r\n\r\n', /not a status line/],
  ['HTTP/1.1 101 Switching\r\n\r\n', /switches protocols/],
  ['HTTP/1.1 200 OK\r\nx : y\r\n\r\n', /not a field line/],
  ['HTTP/1.1 200 OK\r\nx: a\rb\r\n\r\n', /not a field line/],
  ['HTTP/1.1 200 OK\r\n folded\r\n\r\n', /not a field line/],
  ['HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\n', /several content-length/],
  ['HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\n', /content-length is "\+1"/],
  ['HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n', /transfer-encoding/],
  ['HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n', /transfer coding is gzip/],
  ['HTTP/1.1 204 No\r\ntransfer-encoding: chunked\r\n\r\n', /must not have a transfer coding/],
  [`${chunked}x\r\n`, /not the size of a chunk/],
  [`${chunked}1\r\nab\r\n`, /longer than its size/],
  ['HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab', /unexpected bytes follow the response: "b"/],
  ['x'.repeat(70_000), /more than 64 KiB/],
])('refuses %j', (text, message) => {
  expect(() => parse([text])).toThrow(ResponseError);
  expect(() => parse([text])).toThrow(message);
});

test('an incomplete response stays open', () => {
  const { parser, ended } = parse([`${chunked}2\r\na`]);
  expect([parser.isOpen, parser.end(), ended]).toEqual([true, false, false]);
});
