import { create } from '@bufbuild/protobuf';
import { type McpChunk, McpChunkSchema } from '../../../proto/index.ts';
import type { StreamHead } from '../../../reference-runtime/grpc/stream-writer.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { Answer } from '../../../reference-runtime/http/answer.ts';
import type { ResponsePath } from '../../../reference-runtime/mcp/response-path.ts';
import type { Session } from '../../../reference-runtime/session/session.ts';
import type { Hooks } from '../../harness/fault.ts';
import { onStream } from './runtime.ts';

export const encoder = new TextEncoder();
export const decoder = new TextDecoder();
/** Creates a chunk. */
export const chunk = (init: Partial<McpChunk>) => Object.assign(create(McpChunkSchema), init);
/** Creates a chunk with text as data. */
export const data = (text: string) => chunk({ data: encoder.encode(text) });

/** Changes the text of streams. */
export function streamText(change: (text: string) => string): Hooks {
  return {
    dataChunks: (bytes, chunkBytes) =>
      defaultHooks.dataChunks(encoder.encode(change(decoder.decode(bytes))), chunkBytes),
  };
}

/** Changes the only chunk of a refusal or of a stream without events. */
function onlyChunk(change: (chunk: McpChunk, head: StreamHead) => McpChunk[]): Hooks {
  return { onlyChunks: (head) => [...defaultHooks.onlyChunks(head)].flatMap((only) => change(only, head)) };
}

/** Changes the chunk of a refusal. */
export function refusals(change: (chunk: McpChunk) => McpChunk[]): Hooks {
  return onlyChunk((only) => (only.errorStatus >= 400 ? change(only) : [only]));
}

/** Replaces the chunks of the refusal of a streamed POST, which has a body. */
export function postRefusals(change: (refusal: Answer) => McpChunk[]): Hooks {
  return { answerChunks: (answer) => change(answer) };
}

/** Changes the answer that refuses a streamed POST. */
export function postRefusalAnswers(change: (refusal: Answer) => Answer): Hooks {
  return { answerChunks: (answer, chunkBytes) => defaultHooks.answerChunks(change(answer), chunkBytes) };
}

/** Changes the chunk of an accepted stream without events. */
export function accepted(change: (chunk: McpChunk) => McpChunk[]): Hooks {
  return onlyChunk((only) => (only.errorStatus === 0 ? change(only) : [only]));
}

/** Replaces one HTTP status of refused streams with another. */
export function refusalStatusOf(from: number, to: number): Hooks {
  return {
    ...refusals((only) => [
      only.errorStatus === from ? chunk({ ...only, status: to, errorStatus: to }) : only,
    ]),
    ...postRefusalAnswers((answer) => (answer.status === from ? { ...answer, status: to } : answer)),
  };
}

/** Changes the heads of streams with events. */
export function heads(change: (head: StreamHead) => StreamHead): Hooks {
  return { headChunks: (head) => defaultHooks.headChunks(change(head)) };
}

/** Sets the content-type in the heads of streams with events. */
export const typeOfEvents = (value: string) =>
  heads(({ status, headers }) => ({ status, headers: { ...headers, 'content-type': value } }));

/** Changes the response path: the destination of a request's messages and of its response. */
export function onPath(change: (path: ResponsePath, session: Session) => Partial<ResponsePath>): Hooks {
  return {
    beginRequest(session, call, exchange) {
      const { path } = exchange;
      const same: ResponsePath = {
        interactive: path.interactive,
        message: (json) => path.message(json),
        suspend: (retryMs) => path.suspend(retryMs),
        finish: (outcome) => path.finish(outcome),
      };
      return defaultHooks.beginRequest(session, call, {
        ...exchange,
        path: { ...same, ...change(path, session) },
      });
    },
  };
}

/** Holds back the data of live streams, or of the answers to streamed requests, until the stream ends. */
export function heldBack(of: 'live streams' | 'answers'): Hooks {
  return onStream((call) => {
    const isAnswer = decoder.decode(call.request).includes('jsonrpc');
    if (isAnswer !== (of === 'answers')) return;
    const write = call.write.bind(call) as (message: McpChunk, done?: () => void) => boolean;
    const held: McpChunk[] = [];
    const replacement = (message: McpChunk, written?: () => void) => {
      if (message.data.length > 0) {
        held.push(message);
        written?.();
        return true;
      }
      if (message.done) for (const each of held.splice(0)) write(each);
      return write(message, written);
    };
    Object.assign(call, { write: replacement });
  });
}

/** Returns the only chunk of a stream, without a head. */
function onlyWithoutHead(head: StreamHead): McpChunk[] {
  return [...defaultHooks.onlyChunks(head)].map((only) => chunk({ ...only, status: 0, headers: {} }));
}

/** Sends streams without a body, such as refusals, without a head, like a runtime without `stream-head`. */
export const bodilessWithoutHeads = {
  onlyChunks: onlyWithoutHead,
  answerChunks: onlyWithoutHead,
} satisfies Hooks;

/** Removes capabilities from the health answer. */
export function withoutDeclaring(...capabilities: readonly string[]): Hooks {
  return {
    health: (state) =>
      defaultHooks.health({
        ...state,
        capabilities: state.capabilities.filter((name) => !capabilities.includes(name)),
      }),
  };
}
