import { type Cancel, collect, type Done, type Operation, requestOperation, wrongAnswer } from './call.ts';
import { toolCall } from './requests.ts';
import type { User } from './session.ts';

/** The states of a call that has no effect any more, or never had one. */
const endedStates: ReadonlySet<string> = new Set(['cancelled', 'unknown']);

/**
 * Makes the operation that starts a call which blocks, cancels it in the next turn of the event loop, and asks until
 * the target has noticed.
 */
export function cancelOperation(user: User): Operation {
  let calls = 0;
  return {
    start(done) {
      calls += 1;
      return new CancelledCall(user, `bench-${user.sessionId}-${calls}`, done).start();
    },
  };
}

class CancelledCall {
  readonly #user: User;
  readonly #key: string;
  readonly #done: Done;
  #isOver = false;
  #cancels: Cancel[] = [];

  constructor(user: User, key: string, done: Done) {
    this.#user = user;
    this.#key = key;
    this.#done = done;
  }

  start(): Cancel {
    const { transport, user } = this.#user;
    const receiver = collect((response, failure) => {
      if (failure === undefined) {
        this.#end(wrongAnswer(`a call that blocks ended with HTTP status ${response.status}`));
      } else if (failure.kind !== 'cancelled') this.#end(failure);
    });
    const cancelWait = transport.send(
      transport.prepare('Invoke', this.#call('conformance_wait')),
      user,
      receiver,
    );
    this.#cancels.push(cancelWait);
    setImmediate(() => {
      if (this.#isOver) return;
      cancelWait();
      this.#ask();
    });
    return () => {
      this.#isOver = true;
      for (const cancel of this.#cancels) cancel();
    };
  }

  #ask(): void {
    let state: unknown;
    const operation = requestOperation(this.#user, this.#call('conformance_state'), (result) => {
      state = Object(result).content?.[0]?.text;
      return typeof state === 'string' ? undefined : 'conformance_state did not return a text';
    });
    const cancel = operation.start((failure) => {
      if (this.#isOver) return;
      if (failure !== undefined || endedStates.has(String(state))) this.#end(failure);
      else if (state === 'running') this.#ask();
      else this.#end(wrongAnswer(`the state of a cancelled call is ${String(state)}`));
    });
    this.#cancels = [cancel];
  }

  #call(tool: string) {
    return toolCall(tool, { key: this.#key }, this.#user.sessionId);
  }

  #end(failure: Parameters<Done>[0]): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#done(failure);
  }
}
