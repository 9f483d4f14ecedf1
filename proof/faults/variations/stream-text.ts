import type { McpChunk } from '../../../proto/index.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import { outsideStrings } from '../changes/json-text.ts';
import { data, decoder, streamText } from '../changes/streams.ts';

/** Line ends whose order never turns a CR and a following LF of another line into one line end. */
const lineEnds = ['\n', '\r\n', '\r', '\r\n'];

/** Splits the text of streams into chunks. */
function chunksOf(split: (text: string) => readonly string[]): Hooks {
  return { dataChunks: (bytes) => split(decoder.decode(bytes)).map(data) };
}

/** Sends text after the head of every stream of events. */
function afterHeads(text: string): Hooks {
  return { headChunks: (head): readonly McpChunk[] => [...defaultHooks.headChunks(head), data(text)] };
}

/** Variations of the text of streams, in both eras. */
export const streamTextVariations = variations([
  {
    name: 'lines-with-each-end',
    clause: 'STREAM-6',
    about: 'The runtime ends the lines of one stream with LF, CRLF and CR by turns',
    hooks: streamText((text) => {
      let line = 0;
      return text.replaceAll('\n', () => lineEnds[line++ % lineEnds.length] ?? '\n');
    }),
  },
  {
    name: 'chunks-between-cr-and-lf',
    clause: 'STREAM-6',
    about: 'The runtime ends lines with CRLF, and a chunk between CR and LF',
    hooks: chunksOf((text) => text.replaceAll('\n', '\r\n').split(/(?<=\r)/)),
  },
  {
    name: 'byte-order-mark-at-the-start',
    clause: 'STREAM-6',
    about: 'The runtime begins the text of every stream with a byte order mark',
    hooks: afterHeads('\ufeff'),
  },
  {
    name: 'two-kibibytes-of-comment-first',
    clause: 'STREAM-6',
    about: 'The runtime begins every stream with a long comment, so that proxies pass on the stream',
    hooks: afterHeads(`:${' '.repeat(2048)}\n\n`),
  },
  {
    name: 'comments-within-events',
    clause: 'STREAM-6',
    about: 'The runtime sends comments between the lines of an event',
    hooks: streamText((text) => text.replace(/\n(?=[^\n])/g, '\n: between\n')),
  },
  {
    name: 'end-within-a-comment',
    clause: 'STREAM-6',
    about: 'The runtime ends streams with a comment that has no line end',
    hooks: { lastChunks: () => [data(': bye'), ...defaultHooks.lastChunks()] },
  },
  {
    name: 'blocks-without-data',
    clause: 'STREAM-6',
    about: 'The runtime sends retry times and event types without data between events',
    hooks: streamText((text) => text.replaceAll('\n\n', '\n\nretry: 1500\n\nevent: ping\n\nretry: soon\n\n')),
  },
  {
    name: 'fields-of-events-repeated',
    clause: 'STREAM-6',
    about: 'The runtime repeats the type and the id of an event, so that the last ones count',
    hooks: streamText((text) =>
      text
        .replace(/(?<![^\n])id: ([^\n]*)/g, 'id: not-this-one\nid: $1')
        .replace(/(?<![^\n])data: /g, 'event: other\nevent: message\ndata: '),
    ),
  },
  {
    name: 'ids-after-data',
    clause: 'STREAM-6',
    about: 'The runtime sends the id of an event after its data',
    hooks: streamText((text) =>
      text.replace(/(?<![^\n])(id: [^\n]*)\n((?:retry: [^\n]*\n)?data: [^\n]*)/g, '$2\n$1'),
    ),
  },
  {
    name: 'messages-on-many-lines',
    clause: 'STREAM-6',
    about: 'The runtime sends every message as an event with many lines of data',
    hooks: streamText((text) =>
      text.replace(
        /(?<![^\n])data: (\{[^\n]{0,5000})(?=\n)/g,
        (_, json) => `data:${outsideStrings(json, broken)}`,
      ),
    ),
  },
  {
    name: 'a-chunk-for-each-event',
    clause: 'STREAM-6',
    about: 'The runtime sends every event in a chunk of its own',
    hooks: chunksOf((text) => text.split(/(?<=\n\n)/)),
  },
  {
    name: 'chunks-of-8-mib',
    clause: 'STREAM-6',
    about: 'The runtime sends large events in one chunk',
    options: { limits: { chunkBytes: 8 * 1024 * 1024 } },
  },
  {
    name: 'no-priming-events',
    clause: 'STREAM-6',
    about: 'The runtime begins streams without an event that only sets an id',
    hooks: {
      frameEvent: (event) =>
        event.data === '' && event.retryMs === undefined ? '' : defaultHooks.frameEvent(event),
    },
  },
]);

function broken(text: string): string {
  return text.replaceAll(',', ',\ndata: ');
}
