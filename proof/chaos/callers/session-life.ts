import { setTimeout as sleep } from 'node:timers/promises';
import type { Judgement } from '../invariants/judge.ts';
import type { Caller, Session } from './caller.ts';
import { EventSequence } from './event-sequence.ts';
import { callLimitMs } from './limits.ts';
import { LiveReader } from './live-reader.ts';
import { TimeLimit } from './time-limit.ts';

/** Number of steps in a session, and number of events of one step. */
const steps = { least: 8, most: 25 };
const events = { least: 1, most: 20 };
/** Pause between two steps in milliseconds. */
const think = { least: 300, most: 2_500 };
const pollMs = 50;

/** Lets a caller use sessions, one after the other, until the signal aborts. */
export async function useSessions(caller: Caller, signal: AbortSignal): Promise<void> {
  const { random } = caller.options;
  // The callers do not all start at once.
  await pause(random.whole(0, think.most), signal);
  while (!signal.aborted) {
    const session = await caller.open();
    if (session !== undefined) await new SessionLife(caller, session).run(signal);
    await pause(random.whole(think.least, think.most), signal);
  }
}

/** The life of one session: calls and events in random order, and its end. */
class SessionLife {
  readonly #caller: Caller;
  readonly #session: Session;
  readonly #sequence: EventSequence;
  readonly #reader: LiveReader;
  #hasEnded = false;
  /** Whether the state of the session is unknown, so that the caller gives it up. */
  #isUnclear = false;

  constructor(caller: Caller, session: Session) {
    this.#caller = caller;
    this.#session = session;
    this.#sequence = new EventSequence(caller.options.number);
    this.#reader = this.#makeReader();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { random } = this.#caller.options;
    if (await this.#reader.opened) await this.#emit(1);
    const count = random.whole(steps.least, steps.most);
    for (let step = 0; step < count && this.#isUsable && !signal.aborted; step += 1) {
      await pause(random.whole(think.least, think.most), signal);
      if (this.#isUsable) await this.#step(random.next());
    }
    await this.#reader[Symbol.asyncDispose]();
    if (!this.#hasEnded) await this.#caller.close(this.#session);
  }

  /** Whether the caller continues to use the session. */
  get #isUsable(): boolean {
    return !(this.#hasEnded || this.#isUnclear || this.#reader.hasEnded || this.#reader.isUncertain);
  }

  /** @param chance from 0 to 1 */
  async #step(chance: number): Promise<void> {
    const { random } = this.#caller.options;
    if (chance < 0.3) return this.#note(await this.#caller.whoami(this.#session));
    if (chance < 0.75) return this.#note(await this.#caller.echo(this.#session, chance < 0.5));
    if (chance < 0.9) this.#reader.drop();
    await this.#emit(random.whole(events.least, events.most));
  }

  #note(judgement: Judgement): void {
    if (judgement === 'session-ended') this.#hasEnded = true;
  }

  /** Lets the runtime send events on the live stream. If it acknowledges them, each must arrive. */
  async #emit(count: number): Promise<void> {
    const { number } = this.#caller.options;
    this.#sequence.announce(count);
    const judgement = await this.#caller.tool(this.#session, {
      tool: 'conformance_events',
      args: { count, size: number, on: 'live' },
      text: `emitted ${count}`,
    });
    this.#note(judgement);
    if (judgement === 'answered') await this.#arrival();
    // Without an acknowledgement, the caller cannot know which events follow.
    else this.#isUnclear = true;
  }

  /** Waits until all announced events have arrived. */
  async #arrival(): Promise<void> {
    const { options } = this.#caller;
    let quietSinceMs = performance.now();
    while (this.#sequence.missing > 0 && this.#isUsable && !this.#caller.hasLost(this.#session)) {
      const now = performance.now();
      // While the pair is disturbed, the stream may break again and again.
      if (options.log.mayFail(options.pair, now, now)) quietSinceMs = now;
      if (now - quietSinceMs > callLimitMs) {
        const { what } = this.#caller.attempt('live stream', this.#session);
        const text = `${what}: ${this.#sequence.missing} acknowledged events did not arrive`;
        options.ledger.violated('retention', text);
        this.#isUnclear = true;
      }
      await sleep(pollMs);
    }
    if (this.#sequence.missing === 0) options.ledger.held('retention');
    else this.#isUnclear = true;
  }

  #makeReader(): LiveReader {
    const { options, client } = this.#caller;
    const { judge, ledger } = options;
    const session = this.#session;
    const what = this.#caller.attempt('live stream', session).what;
    return new LiveReader({
      sequence: this.#sequence,
      open: async (lastEventId) => {
        using limit = new TimeLimit(callLimitMs, options.pair, options.log);
        return await client.live(session.id, lastEventId, limit.signal);
      },
      refused: (reply, startedMs) => {
        const hasLostSession = this.#caller.hasLost(session);
        return judge.request({ pair: options.pair, what, startedMs, hasLostSession }, reply);
      },
      broke: () => judge.streamEnd({ pair: options.pair, what, startedMs: performance.now() }),
      received: (text) => {
        const problem = this.#sequence.receive(text);
        if (problem === undefined) ledger.held('identity');
        else ledger.violated(problem.invariant, `${what}: ${problem.text}`);
      },
    });
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
