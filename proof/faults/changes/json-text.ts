import { frameEvent } from '../../../reference-runtime/mcp/sse.ts';
import type { Hooks } from '../../harness/fault.ts';
import { onText } from './runtime.ts';

/** Rewrites the text of every JSON-RPC message from the runtime, in JSON bodies and in events. */
export function onEveryMessage(write: (json: string) => string): Hooks {
  return {
    ...onText(({ headers }) => headers['content-type'] === 'application/json', write),
    frameEvent: (event) =>
      // JSON may have line breaks between tokens. In an event, each of them starts a new data line (STREAM-6).
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

/** Reverses the members of a response. */
export function idLast(json: string): string {
  return json.replace(/^\{("jsonrpc":"2\.0"),("id":(?:"(?:[^"\\]|\\.)*"|[^,]*)),(.*)\}$/s, '{$3,$2,$1}');
}
