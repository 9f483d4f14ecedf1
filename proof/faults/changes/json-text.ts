import { frameEvent } from '../../../reference-runtime/mcp/sse.ts';
import type { Hooks } from '../../harness/fault.ts';
import { onText } from './runtime.ts';

/** Writes every JSON-RPC message that the runtime sends in another way, on both paths. */
export function onEveryMessage(write: (json: string) => string): Hooks {
  return {
    ...onText(({ headers }) => headers['content-type'] === 'application/json', write),
    frameEvent: (event) =>
      // White space between the tokens of JSON may be line ends, of which each begins a line of data (STREAM-6).
      frameEvent({
        ...event,
        data: event.data === '' ? '' : write(event.data).replaceAll('\n', '\ndata: '),
      }),
  };
}

/** Changes JSON outside its strings. */
export function outsideStrings(json: string, change: (text: string) => string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|[^"]+/gs, (part) => (part.startsWith('"') ? part : change(part)));
}

/** Changes JSON inside its strings. */
export function insideStrings(json: string, change: (text: string) => string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"/gs, (part) => `"${change(part.slice(1, -1))}"`);
}

/** The same response with its members the other way round. */
export function idLast(json: string): string {
  return json.replace(/^\{("jsonrpc":"2\.0"),("id":(?:"(?:[^"\\]|\\.)*"|[^,]*)),(.*)\}$/s, '{$3,$2,$1}');
}
