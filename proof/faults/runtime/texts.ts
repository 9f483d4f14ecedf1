import { toBinary } from '@bufbuild/protobuf';
import { McpRequestSchema } from '../../../proto/index.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import { insideStrings } from '../changes/json-text.ts';
import { methodIn } from '../changes/proxy.ts';
import { requestIn } from '../changes/request-in.ts';
import { onAnswerIf, onHandlers, onRequest, onText, refuse, textOf } from '../changes/runtime.ts';
import { decoder, encoder, streamText } from '../changes/streams.ts';

/** Changes the text of each body before the runtime reads it. */
function bodies(change: (text: string) => string): Hooks {
  return onRequest((request) => {
    const text = decoder.decode(request.body);
    const changed = change(text);
    if (changed !== text) request.body = encoder.encode(changed);
  });
}

/** Changes the strings in the answers of `Invoke`. */
const answers = (change: (text: string) => string): Hooks =>
  onText(
    ({ headers }) => headers['content-type'] === 'application/json',
    (text) => insideStrings(text, change),
  );

/** Changes the name of the item that a request asks for. */
const names = (method: string, member: string, change: (name: string) => string): Hooks =>
  onRequest((request) => {
    if (methodIn(request) !== method) return;
    const message = JSON.parse(decoder.decode(request.body));
    if (typeof message.params?.[member] !== 'string') return;
    const name = change(message.params[member]);
    // Another form of the same message would change its numbers.
    if (name === message.params[member]) return;
    message.params[member] = name;
    request.body = encoder.encode(JSON.stringify(message));
  });

/** Loses the last byte of matching bodies of one RPC. */
function cutBodies(rpc: 'invoke' | 'invokeStream', when: (body: Uint8Array) => boolean): Hooks {
  const cut = (bytes: Uint8Array): Uint8Array => {
    const request = requestIn(bytes);
    if (request === undefined || !when(request.body)) return bytes;
    return toBinary(McpRequestSchema, { ...request, body: request.body.subarray(0, -1) });
  };
  return onHandlers((handlers) => ({
    invoke: (call, callback) => {
      if (rpc === 'invoke') call.request = cut(call.request);
      handlers.invoke(call, callback);
    },
    invokeStream: (call) => {
      if (rpc === 'invokeStream') call.request = cut(call.request);
      handlers.invokeStream(call);
    },
  }));
}

/** Faults in texts and numbers. */
export const jsonRpcTextFaults = runtimeFaults([
  ...(
    [
      ['composed', 'composes texts (NFC)', (text) => text.normalize('NFC')],
      ['decomposed', 'decomposes texts (NFD)', (text) => text.normalize('NFD')],
      ['without-trailing-blanks', 'removes blanks at the end of texts', (text) => text.replace(/ +$/, '')],
      [
        'without-byte-order-marks',
        'removes U+FEFF at the start of texts',
        (text) => text.replace(/^\uFEFF/, ''),
      ],
      [
        'without-zero-width',
        'removes zero-width characters',
        (text) => text.replace(/[\u200B\u200C\u200D]/g, ''),
      ],
      [
        'without-private-planes',
        'replaces characters of plane 16',
        (text) => text.replace(/[\u{100000}-\u{10FFFF}]/gu, '\uFFFD'),
      ],
      [
        'without-private-characters',
        'removes private characters',
        (text) => text.replace(/[\uE000-\uF8FF]/g, ''),
      ],
      ['with-plain-blanks', 'replaces NBSP with a blank', (text) => text.replaceAll('\u00A0', ' ')],
      ['with-blanks-for-plus', 'replaces + with a blank', (text) => text.replaceAll('+', ' ')],
      ['decoded', 'decodes percent-encoding', (text) => text.replaceAll('%41', 'A').replaceAll('%2B', '+')],
      ['with-line-ends', 'replaces CRLF with LF', (text) => text.replaceAll('\\r\\n', '\\n')],
      ['without-bidi', 'removes marks of direction', (text) => text.replace(/[\u202A-\u202E]/g, '')],
      ['without-c1', 'removes C1 controls', (text) => text.replace(/[\u0080-\u009F]/g, '')],
      ['with-entities', 'decodes entities', (text) => text.replaceAll('&amp;', '&')],
      ['without-noncharacters', 'removes noncharacters', (text) => text.replace(/[\uFDD0\uFFFE\uFFFF]/g, '')],
      ['in-plain-letters', 'replaces ligatures', (text) => text.normalize('NFKC')],
    ] as readonly (readonly [string, string, (text: string) => string])[]
  ).flatMap(([name, about, change]) => [
    {
      name: `answers-${name}`,
      clause: 'JSONRPC-11',
      about: `The runtime ${about} in its answers`,
      hooks: answers(change),
    },
    {
      name: `streams-${name}`,
      clause: 'JSONRPC-11',
      about: `The runtime ${about} on streams`,
      hooks: streamText((text) => insideStrings(text, change)),
    },
  ]),
  {
    name: 'big-numbers-rounded',
    clause: 'JSONRPC-13',
    about: 'The runtime rounds progress tokens beyond 2^53',
    hooks: bodies((text) =>
      text.replace(/("progressToken":)(-?\d{16,})/, (_, name, token) => `${name}${BigInt(Number(token))}`),
    ),
  },
  {
    name: 'big-numbers-refused',
    clause: 'JSONRPC-13',
    about: 'The runtime refuses arguments with integers beyond 2^53',
    hooks: bodies((text) => text.replace(/"count":-?\d{16,}/, '"count":"too large"')),
  },
  {
    name: 'numbers-beyond-64-bits-refused',
    clause: 'JSONRPC-13',
    about: 'The runtime refuses a request with an integer beyond 64 bits',
    hooks: onRequest(({ body }) => {
      if (/"count":-?\d{21,}/.test(decoder.decode(body))) refuse('INVALID_ARGUMENT');
    }),
  },
  {
    name: 'params-ignored-unless-an-object',
    clause: 'JSONRPC-9',
    about: 'The runtime calls a tool although the params are not an object',
    hooks: bodies((text) =>
      text.replace(/"params":(?:5|"text"|true|\[.*\])\}$/, '"params":{"name":"test_simple_text"}}'),
    ),
  },
  {
    name: 'utf-16-accepted',
    clause: 'JSONRPC-5',
    about: 'The runtime accepts a body in UTF-16',
    hooks: onRequest((request) => {
      const { body } = request;
      if (body[0] === 0x7b && body[1] === 0)
        request.body = encoder.encode(new TextDecoder('utf-16le').decode(body));
    }),
  },
  {
    name: 'methods-trimmed',
    clause: 'JSONRPC-8',
    about: 'The runtime ignores white space around the name of a method',
    hooks: bodies((text) => text.replace(/"method":" *([\w/]+) *"/, '"method":"$1"')),
  },
  {
    name: 'methods-decoded',
    clause: 'JSONRPC-8',
    about: 'The runtime decodes percent-encoding in the name of a method',
    hooks: bodies((text) => text.replace('"tools%2Flist"', '"tools/list"')),
  },
]);

/** Faults in names, URIs and binary data. */
export const mcpTextFaults = runtimeFaults([
  {
    name: 'tools-without-case',
    clause: 'MCP-17',
    about: 'The runtime finds tools regardless of letter case',
    hooks: names('tools/call', 'name', (name) => name.toLowerCase()),
  },
  {
    name: 'tools-trimmed',
    clause: 'MCP-17',
    about: 'The runtime ignores white space around the name of a tool',
    hooks: names('tools/call', 'name', (name) => name.trim()),
  },
  {
    name: 'tools-by-prefix',
    clause: 'MCP-17',
    about: 'The runtime finds a tool by the beginning of its name',
    hooks: names('tools/call', 'name', (name) => (name === 'test_simple' ? 'test_simple_text' : name)),
  },
  {
    name: 'tools-with-hyphens',
    clause: 'MCP-17',
    about: 'The runtime treats hyphens as underscores in the name of a tool',
    hooks: names('tools/call', 'name', (name) => name.replaceAll('-', '_')),
  },
  {
    name: 'prompts-without-case',
    clause: 'MCP-17',
    about: 'The runtime finds prompts regardless of letter case',
    hooks: names('prompts/get', 'name', (name) => name.toLowerCase()),
  },
  {
    name: 'resources-without-case',
    clause: 'MCP-17',
    about: 'The runtime finds resources regardless of letter case',
    hooks: names('resources/read', 'uri', (uri) => uri.toLowerCase()),
  },
  {
    name: 'last-byte-of-an-image-changed',
    clause: 'MCP-17',
    about: 'The runtime changes the last byte of an image',
    hooks: onText(
      ({ status }) => status === 200,
      (text) =>
        text.replace('X8jx0gAAAABJRU5ErkJggg==', 'X8jx0gAAAABJRU5ErkJgg A==').replace('gg A==', 'ggA=='),
    ),
  },
  {
    name: 'sound-cut',
    clause: 'MCP-17',
    about: 'The runtime cuts the data of a sound',
    hooks: streamText((text) => text.replace('AAACABAAZGF0YQIAAAA=', 'AAACABAAZGF0YQI=')),
  },
  {
    name: 'template-values-not-decoded',
    clause: 'MCP-5',
    about: 'The runtime does not decode the value in the URI of a template',
    hooks: onText(
      ({ status }) => status === 200,
      (text) => text.replace('Data for ID: a b', 'Data for ID: a%20b'),
    ),
  },
  {
    name: 'template-values-decoded-twice',
    clause: 'MCP-5',
    about: 'The runtime decodes the value in the URI of a template twice',
    hooks: names('resources/read', 'uri', (uri) => uri.replaceAll('%25', '%')),
  },
  {
    name: 'template-values-as-forms',
    clause: 'MCP-5',
    about: 'The runtime reads %2B in the URI of a template as a blank',
    hooks: names('resources/read', 'uri', (uri) => uri.replaceAll('%2B', '%20')),
  },
  {
    name: 'template-values-in-lower-case',
    clause: 'MCP-5',
    about: 'The runtime lower-cases the value in the URI of a template',
    hooks: names('resources/read', 'uri', (uri) => uri.replace('/ABC/', '/abc/')),
  },
]);

/** Faults at certain sizes. */
export const limitSizeFaults = runtimeFaults([
  ...[16_384, 32_768, 65_536, 1_048_576].map((size) => ({
    name: `bodies-of-${size}-bytes-cut`,
    clause: 'LIMIT-1',
    about: `The runtime loses the last byte of a body of ${size} bytes`,
    hooks: cutBodies('invoke', ({ length }) => length === size),
  })),
  {
    name: 'streamed-bodies-at-a-frame-size-cut',
    clause: 'LIMIT-1',
    about: 'The runtime loses the last byte of a streamed POST whose body fills whole frames',
    hooks: cutBodies('invokeStream', ({ length }) => length > 0 && length % 16_384 === 0),
  },
  {
    name: 'answers-at-a-frame-size-cut',
    clause: 'LIMIT-1',
    about: 'The runtime loses a byte of an answer that fills whole frames',
    hooks: onAnswerIf(
      ({ body }) => body.length > 0 && body.length % 16_384 === 0,
      (answer) => ({ ...answer, body: encoder.encode(textOf(answer).replace('iiii', 'iii')) }),
    ),
  },
  {
    name: 'limit-in-characters',
    clause: 'LIMIT-2',
    about: 'The runtime limits the characters of a body instead of its bytes',
    options: { limits: { maxBodyBytes: 16 * 1024 * 1024 } },
    hooks: onRequest(({ body }) => {
      if (decoder.decode(body).length > 4_194_304) refuse('INVALID_ARGUMENT', 413);
    }),
  },
]);
