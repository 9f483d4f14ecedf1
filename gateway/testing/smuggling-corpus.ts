/** An input on a raw connection that two HTTP parsers may read in different ways. */
export interface SmugglingInput {
  readonly name: string;
  readonly bytes: string;
}

/** The request that the inputs try to hide. */
export const smuggledBody = '{"smuggled":1}';
const smuggled = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${smuggledBody.length}\r\n\r\n${smuggledBody}`;
/** A chunked body that ends at once. The smuggled request follows it. */
const emptyChunks = `0\r\n\r\n${smuggled}`;
const wholeLength = `Content-Length: ${emptyChunks.length}`;

/** Request lines that are not in the usual form. */
export const requestLines: readonly string[] = [
  'POST http://localhost/mcp HTTP/1.1',
  'POST http://evil.example/mcp HTTP/1.1',
  'POST //evil.example/mcp HTTP/1.1',
  'POST localhost:80 HTTP/1.1',
  'POST * HTTP/1.1',
  'POST  /mcp HTTP/1.1',
  'POST /mcp  HTTP/1.1',
  'POST\t/mcp HTTP/1.1',
  'POST /mcp\0 HTTP/1.1',
  'POST /mcp%0d%0aX:%20y HTTP/1.1',
  'POST /mcp\rX HTTP/1.1',
  'POST /mcp HTTP/1.0',
  'POST /mcp HTTP/0.9',
  'POST /mcp HTTP/1.2',
  'POST /mcp HTTP/2.0',
  'POST /mcp http/1.1',
  'POST /mcp',
  'post /mcp HTTP/1.1',
  'P\0ST /mcp HTTP/1.1',
  ' POST /mcp HTTP/1.1',
  '\r\n\r\nPOST /mcp HTTP/1.1',
  `POST /mcp?${'a'.repeat(100_000)} HTTP/1.1`,
];

/** Header lines that two parsers may read in different ways. */
export const headerLines: readonly string[] = [
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: Chunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: x, chunked',
  'Transfer-Encoding: chunked, x',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding: chunked;a=b',
  'Transfer-Encoding: chunked\v',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding:chunked ',
  'Transfer-Encoding : chunked',
  'Transfer-Encoding\t: chunked',
  ' Transfer-Encoding: chunked',
  'X: a\r\n Transfer-Encoding: chunked',
  'Transfer-Encoding:\r\n chunked',
  'X: a\nTransfer-Encoding: chunked',
  'X: a\rTransfer-Encoding: chunked',
  'X: a\0Transfer-Encoding: chunked',
  'Transfer_Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding:\r\nTransfer-Encoding: chunked',
  'Content-Length: 5',
  'Content-Length: 5\r\nContent-Length: 5',
  'Content-Length: 5\r\nContent-Length: 6',
  'Content-Length: 5, 5',
  'Content-Length: 5, 6',
  'Content-Length: +5',
  'Content-Length: -5',
  'Content-Length: 0x5',
  'Content-Length: 5.0',
  'Content-Length: 5 5',
  'Content-Length: 5e0',
  'Content-Length: 005',
  'Content-Length:',
  'Content-Length: 99999999999999999999999',
  'Content-Length : 5',
  'Content-Length: 5\v',
  'Content_Length: 5',
  'X: a\r\n Content-Length: 5',
  'X: a\nContent-Length: 5',
  'Connection: content-length',
  'Connection: transfer-encoding',
  'Connection: close, host',
  'Host: evil.example',
  'Host: localhost',
  'Expect: 100-continue',
  ': x',
  'X',
  'X\0: y',
  `X: ${'a'.repeat(100_000)}`,
  `${'a'.repeat(100_000)}: x`,
];

/** Chunked bodies in unusual forms. The smuggled request is in each that a parser may refuse, or follows it. */
export const chunkedBodies: readonly string[] = [
  '2;a=b\r\n{}\r\n0;c\r\n\r\n',
  `2;a="\r\n${smuggled}"\r\n{}\r\n0\r\n\r\n`,
  `2;a=\n${smuggled}\r\n{}\r\n0\r\n\r\n`,
  `2;${'a'.repeat(100_000)}\r\n{}\r\n0\r\n\r\n`,
  `2\n{}\n0\n\n${smuggled}`,
  `2\r{}\r0\r\r${smuggled}`,
  `2 \r\n{}\r\n${emptyChunks}`,
  ` 2\r\n{}\r\n${emptyChunks}`,
  `+2\r\n{}\r\n${emptyChunks}`,
  `0x2\r\n{}\r\n${emptyChunks}`,
  `-2\r\n{}\r\n${emptyChunks}`,
  '00000000000000000002\r\n{}\r\n000\r\n\r\n',
  `10000000000000002\r\n{}\r\n${emptyChunks}`,
  `2\r\n{}${emptyChunks}`,
  `2\r\n{}x\r\n${emptyChunks}`,
  `2\r\n{}\r\n0\r\nContent-Length: 5\r\n\r\n${smuggled}`,
  `2\r\n{}\r\n0\r\nTransfer-Encoding: x\r\n y\r\n\r\n${smuggled}`,
  `2\r\n{}\r\n0\r\n${smuggled}`,
  `2\r\n{}\r\n${smuggled}`,
  `\r\n2\r\n{}\r\n${emptyChunks}`,
  `g\r\n{}\r\n${emptyChunks}`,
];

/** Writes a request. */
export function requestOf(lines: readonly string[], body: string): string {
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

const post = 'POST /mcp HTTP/1.1';
const host = 'Host: localhost';

/** All inputs. The body is empty for a parser of chunks, and has the smuggled request for a parser of the length. */
export const smugglingInputs: readonly SmugglingInput[] = [
  ...requestLines.map((line) => ({ name: line, bytes: requestOf([line, host, wholeLength], emptyChunks) })),
  ...headerLines.flatMap((line) => [
    { name: line, bytes: requestOf([post, host, line], '') },
    { name: `${line} after a length`, bytes: requestOf([post, host, wholeLength, line], emptyChunks) },
    { name: `${line} before a length`, bytes: requestOf([post, host, line, wholeLength], emptyChunks) },
    {
      name: `${line} with chunks`,
      bytes: requestOf([post, host, 'Transfer-Encoding: chunked', line], '2\r\n{}\r\n0\r\n\r\n'),
    },
    {
      name: `${line} in a DELETE`,
      bytes: requestOf(['DELETE /mcp HTTP/1.1', host, line, wholeLength], emptyChunks),
    },
  ]),
  ...chunkedBodies.map((body) => ({
    name: `the chunks ${body}`,
    bytes: requestOf([post, host, 'Transfer-Encoding: chunked'], body),
  })),
  { name: 'line feeds', bytes: requestOf([post, host, wholeLength], emptyChunks).replaceAll('\r\n', '\n') },
  { name: 'carriage returns', bytes: requestOf([post, host, wholeLength], emptyChunks).replaceAll('\n', '') },
  { name: 'no host', bytes: requestOf([post, wholeLength], emptyChunks) },
].map(({ name, bytes }) => ({ name: JSON.stringify(name).slice(1, 80), bytes }));
