import { CallRefused } from '../failures/call-refused.ts';
import type { EventSink } from '../session/event-stream.ts';

type BodyReader = ReadableStreamDefaultReader<Uint8Array>;

/** Reads the texts of a body. Each text ends with a complete event, except the last one. */
async function* events(reader: BodyReader): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    rest += decoder.decode(value, { stream: true });
    const end = rest.lastIndexOf('\n\n');
    if (end === -1) continue;
    yield rest.slice(0, end + 2);
    rest = rest.slice(end + 2);
  }
  if (rest !== '') yield rest;
}

/** Reads a body in JSON as one event. */
async function* oneEvent(reader: BodyReader): AsyncGenerator<string, void, undefined> {
  const pieces: string[] = [];
  for await (const text of events(reader)) pieces.push(text);
  yield `event: message\ndata: ${pieces.join('')}\n\n`;
}

/**
 * Reads a whole body as text.
 * @param maxLength the maximum length in UTF-16 code units
 * @throws CallRefused RATE_LIMITED for a longer body
 */
export async function collect(body: ReadableStream<Uint8Array>, maxLength: number): Promise<string> {
  const reader = body.getReader();
  const pieces: string[] = [];
  let length = 0;
  for await (const text of events(reader)) {
    pieces.push(text);
    length += text.length;
    if (length > maxLength) {
      await reader.cancel();
      throw new CallRefused(
        'RATE_LIMITED',
        'The messages of the request exceed the maximum size of a response',
      );
    }
  }
  return pieces.join('');
}

/** The way of a stream of events to its reader. */
export interface Pumping {
  readonly sink: EventSink;
  /** Changes the text of complete events. */
  restore(text: string): string;
  onError(error: unknown): void;
}

/**
 * Copies a response to a sink at the speed of its reader, and ends the sink (STREAM-3, STREAM-5, STREAM-11). A response
 * in JSON becomes one event.
 */
export async function pump(response: Response, { sink, restore, onError }: Pumping): Promise<void> {
  if (response.body === null) return sink.end();
  const reader = response.body.getReader();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  let isClosed = false;
  sink.onClose(() => {
    isClosed = true;
    // Ends the pending read. A failure to cancel means that the body has already failed.
    reader.cancel().catch(() => undefined);
  });
  try {
    for await (const text of isJson ? oneEvent(reader) : events(reader)) await sink.write(restore(text));
    sink.end();
  } catch (error) {
    if (isClosed) return;
    onError(error);
    sink.fail('INTERNAL', 'The stream broke');
  }
}
