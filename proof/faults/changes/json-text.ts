import type { Answer } from '../../../reference-runtime/http/answer.ts';
import { frameEvent } from '../../../reference-runtime/mcp/sse.ts';
import type { Hooks } from '../../harness/fault.ts';
import { onAnswer, onText, textOf, withText } from './runtime.ts';
import { postRefusalAnswers, streamText } from './streams.ts';

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

/**
 * Rewrites the text of every JSON-RPC message of both eras, in JSON bodies and in events.
 * @param write returns JSON without line breaks
 */
export function onMessagesOfBothEras(write: (json: string) => string): Hooks {
  const inEvents = (text: string) =>
    text.replace(/(?<![^\n])data: (\{[^\n]*)/g, (_, json) => `data: ${write(json)}`);
  const changed = (answer: Answer) => {
    const { 'content-type': type = '' } = answer.headers;
    if (type.startsWith('application/json')) return withText(answer, write(textOf(answer)));
    return type.startsWith('text/event-stream') ? withText(answer, inEvents(textOf(answer))) : answer;
  };
  return { ...onAnswer(changed), ...postRefusalAnswers(changed), ...streamText(inEvents) };
}

/** The members whose tokens a runtime must repeat (JSONRPC-2, MCP-7, MODERN-15). */
const repeatedTokens: ReadonlySet<string> = new Set([
  '"id"',
  '"progressToken"',
  '"requestId"',
  '"io.modelcontextprotocol/subscriptionId"',
]);

/** Rewrites the strings of JSON, except those that must be the same token as in the request. */
export function onStrings(json: string, write: (token: string) => string): string {
  let name = '';
  return json.replace(/("(?:[^"\\]|\\.)*")(:?)/gs, (_all, token: string, colon: string) => {
    const kept = colon === '' && repeatedTokens.has(name);
    name = colon === '' ? '' : token;
    return `${kept ? token : write(token)}${colon}`;
  });
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
