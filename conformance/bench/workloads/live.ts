import { withDeadline } from '../../../base/deadline.ts';
import { errorMessage } from '../../../base/error-message.ts';
import { SseParser } from '../../../client/sse-parser.ts';
import type { Failure, Receiver } from '../transport/transport.ts';
import { expectText } from './answer-check.ts';
import {
  type Cancel,
  callOnce,
  type Done,
  type Operation,
  PreparationError,
  requestOperation,
} from './call.ts';
import { readableText } from './readable-text.ts';
import { liveStream, requestOf, toolCall } from './requests.ts';
import type { User } from './session.ts';

const updated = 'notifications/resources/updated';

/** Options of the live streams. */
export interface FanOutOptions {
  /** The resource to subscribe to. Other threads and targets use other ones. */
  readonly uri: string;
  readonly deadlineMs: number;
}

/** An operation in flight. */
interface Waiting {
  readonly change: number;
  readonly done: Done;
  /** Whether the call that changes the resource has been answered. */
  isAnswered: boolean;
}

/**
 * The live streams of several users that are subscribed to one resource. Its operation changes the resource, and ends
 * when every stream has received the notification.
 */
export class FanOut implements Operation {
  readonly #streams: readonly LiveStream[];
  readonly #touch: Operation;
  /** Number of changes so far. Each stream must receive as many notifications. */
  #changes = 0;
  #waiting: Waiting[] = [];

  private constructor(streams: readonly LiveStream[], touch: Operation) {
    this.#streams = streams;
    this.#touch = touch;
    for (const stream of streams) stream.onEvent = () => this.#settle();
  }

  /**
   * Subscribes the users and opens their streams.
   * @throws PreparationError
   */
  static async open(users: readonly User[], { uri, deadlineMs }: FanOutOptions): Promise<FanOut> {
    const [first] = users;
    if (first === undefined) throw new PreparationError('live streams need at least one user');
    const streams: LiveStream[] = [];
    try {
      for (const user of users) {
        streams.push(await LiveStream.open(user, deadlineMs));
        const request = requestOf('resources/subscribe', { uri }, user.sessionId);
        const { status, body } = await callOnce(user, { rpc: 'Invoke', request, deadlineMs });
        if (status !== 200 || body.includes('"error"')) {
          throw new PreparationError(`resources/subscribe failed: ${readableText(body)}`);
        }
      }
    } catch (error) {
      for (const stream of streams) stream.close();
      throw error;
    }
    const call = toolCall('conformance_touch', { uri }, first.sessionId);
    return new FanOut(streams, requestOperation(first, call, expectText('touched')));
  }

  start(done: Done): Cancel {
    this.#changes += 1;
    const waiting: Waiting = { change: this.#changes, done, isAnswered: false };
    this.#waiting.push(waiting);
    const cancelTouch = this.#touch.start((failure) => {
      waiting.isAnswered = true;
      if (failure === undefined) return this.#settle();
      this.#forget(waiting);
      done(failure);
    });
    return () => {
      cancelTouch();
      this.#forget(waiting);
    };
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
  }

  /**
   * Ends each operation whose call was answered and whose notification every stream has received. If a stream has
   * failed, ends all operations.
   */
  #settle(): void {
    const failure = this.#streams.find((stream) => stream.failure !== undefined)?.failure;
    const received = Math.min(...this.#streams.map((stream) => stream.events));
    const isOver = ({ change, isAnswered }: Waiting) => isAnswered && change <= received;
    const over = this.#waiting.filter((waiting) => failure !== undefined || isOver(waiting));
    this.#waiting = this.#waiting.filter((waiting) => !over.includes(waiting));
    for (const { done } of over) done(failure);
  }

  #forget(waiting: Waiting): void {
    this.#waiting = this.#waiting.filter((one) => one !== waiting);
  }
}

/** A live stream that counts notifications about changed resources. */
class LiveStream implements Receiver {
  events = 0;
  failure: Failure | undefined;
  onEvent: () => void = () => undefined;
  readonly #parser = new SseParser({});
  #cancel: Cancel = () => undefined;
  #onHead: (status: number) => void = () => undefined;

  /** Opens the stream and waits for its head. @throws PreparationError */
  static async open({ transport, user, sessionId }: User, deadlineMs: number): Promise<LiveStream> {
    const stream = new LiveStream();
    const head = new Promise<number>((resolve) => {
      stream.#onHead = resolve;
    });
    stream.#cancel = transport.send(transport.prepare('InvokeStream', liveStream(sessionId)), user, stream);
    const late = () =>
      new PreparationError(
        `the live stream did not begin within ${deadlineMs} ms; it needs the capability stream-head`,
      );
    try {
      const status = await withDeadline(head, deadlineMs, late);
      if (status === 200) return stream;
      const detail = stream.failure?.detail ?? `HTTP status ${status}`;
      throw new PreparationError(`the live stream was refused: ${detail}`);
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  head(status: number): void {
    this.#onHead(status);
  }

  data(bytes: Buffer): void {
    try {
      for (const { data } of this.#parser.push(bytes)) {
        if (data.includes(updated)) this.events += 1;
      }
    } catch (error) {
      this.failure ??= { kind: 'wrong answer', detail: `live stream: ${errorMessage(error)}` };
    }
    this.onEvent();
  }

  end(failure: Failure | undefined): void {
    this.failure ??= failure ?? { kind: 'truncated', detail: 'the live stream ended' };
    this.#onHead(0);
    this.onEvent();
  }

  close(): void {
    this.onEvent = () => undefined;
    this.#cancel();
  }
}
