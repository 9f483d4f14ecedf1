import { isObject } from '../../../base/is-object.ts';
import { SseParser } from '../../../client/sse-parser.ts';
import { collect, nextId, type Operation, unexpectedStatus, wrongAnswer } from './call.ts';
import { asStream, toolCall } from './requests.ts';
import type { User } from './session.ts';

/** Makes the operation that calls a tool by POST and reads its events: numbered log messages, then the result. */
export function streamOperation({ transport, user, sessionId }: User, events: number): Operation {
  const request = asStream(toolCall('conformance_events', { count: events }, sessionId));
  const prepared = transport.prepare('InvokeStream', request);
  const check = new EventCheck(events);
  return {
    start(done) {
      const id = nextId();
      prepared.setId(id);
      const receiver = collect((response, failure) => {
        if (failure !== undefined) return done(failure);
        if (response.status !== 200) return done(unexpectedStatus(response));
        const problem = check.problemOf(response.body, id);
        done(problem === undefined ? undefined : wrongAnswer(problem));
      });
      return transport.send(prepared, user, receiver);
    },
  };
}

/** Checks that a stream has all events in order, and then the result. */
export class EventCheck {
  readonly #events: number;
  readonly #marks: readonly Buffer[];

  constructor(events: number) {
    this.#events = events;
    // Followed by a character that ends the number.
    this.#marks = Array.from({ length: events }, (_, n) => Buffer.from(`"data":{"n":${n}}`));
  }

  /** Returns the reason that a body is wrong, or undefined. */
  problemOf(body: Buffer, id: number): string | undefined {
    return this.#hasMarksInOrder(body, id) ? undefined : this.#parse(body, id);
  }

  /** Recognises the usual form of the events, which is faster than parsing them. */
  #hasMarksInOrder(body: Buffer, id: number): boolean {
    let at = 0;
    for (const mark of this.#marks) {
      at = body.indexOf(mark, at);
      if (at < 0) return false;
      at += mark.length;
    }
    const last = body.subarray(at);
    return (
      !last.includes('"data":{"n":') &&
      last.includes(`"emitted ${this.#events}"`) &&
      last.includes(`"id":${id}`)
    );
  }

  #parse(body: Buffer, id: number): string | undefined {
    const found: unknown[] = [];
    let text: unknown;
    const parser = new SseParser({});
    for (const { data } of parser.push(body)) {
      if (data === '') continue;
      const message: unknown = JSON.parse(data);
      if (!isObject(message)) continue;
      if (message['id'] === id) text = Object(message['result']).content?.[0]?.text;
      else found.push(Object(message['params']).data?.n);
    }
    if (found.length !== this.#events || found.some((n, index) => n !== index)) {
      return `expected ${this.#events} numbered events in order, got ${found.length}`;
    }
    return text === `emitted ${this.#events}` ? undefined : 'the result is missing after the events';
  }
}
