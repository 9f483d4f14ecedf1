import { callLimitMs } from '../callers/limits.ts';
import type { Reply } from '../callers/reply.ts';
import type { DisturbanceLog } from './disturbance-log.ts';
import type { Ledger } from './ledger.ts';

/** A request that has ended. */
export interface Attempt {
  /** The pair of gateway and runtime. */
  readonly pair: number;
  /** The caller and the request, for messages. */
  readonly what: string;
  /** Start of the request, by `performance.now()`. */
  readonly startedMs: number;
  /** Whether the runtime has ended since the session of the request was opened. Undefined: it needs no session. */
  readonly hasLostSession?: boolean | undefined;
}

/** How a caller continues after a request. */
export type Judgement =
  /** The answer arrived. Its content must still be checked. */
  | 'answered'
  /** The request failed, and may be repeated. */
  | 'failed'
  /** The session is gone. */
  | 'session-ended';

/** Statuses that report a disturbance of the system honestly. */
const honestStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

/** Numbers of replies, by status or kind of failure. */
export type ReplyCounts = Readonly<Record<string, number>>;

/** Judges how requests and streams end. */
export class Judge {
  readonly #ledger: Ledger;
  readonly #log: DisturbanceLog;
  readonly #counts: Record<string, number> = {};

  constructor(ledger: Ledger, log: DisturbanceLog) {
    this.#ledger = ledger;
    this.#log = log;
  }

  /** The replies so far. */
  get counts(): ReplyCounts {
    return { ...this.#counts };
  }

  /** Judges the end of a request. */
  request(attempt: Attempt, reply: Reply): Judgement {
    const name = reply.kind === 'answer' ? `${reply.status}` : reply.kind;
    this.#counts[name] = (this.#counts[name] ?? 0) + 1;
    if (reply.kind === 'late') {
      const limit = `${callLimitMs / 1_000} s`;
      this.#ledger.violated('deadline', `${attempt.what} did not end within ${limit}`);
      return 'failed';
    }
    this.#ledger.held('deadline');
    if (reply.kind === 'broken') return this.#failed(attempt, `broke (${reply.code})`);
    const { status } = reply;
    if (status >= 200 && status < 300) return 'answered';
    if (status === 404 && attempt.hasLostSession !== undefined) {
      const problem = attempt.hasLostSession
        ? undefined
        : `${attempt.what} was answered with 404, but the runtime has not ended since the session was opened`;
      this.#ledger.check('retention', problem);
      return 'session-ended';
    }
    if (honestStatuses.has(status)) return this.#failed(attempt, `was answered with ${status}`);
    this.#ledger.violated('honesty', `${attempt.what} was answered with ${status}`);
    return 'failed';
  }

  /** Judges the end of a live stream that its reader did not end. */
  streamEnd(attempt: Attempt): void {
    this.#failed({ ...attempt, startedMs: performance.now() }, 'ended');
  }

  #failed(attempt: Attempt, how: string): 'failed' {
    const { pair, what, startedMs } = attempt;
    const hasCause = this.#log.mayFail(pair, startedMs, performance.now());
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    const problem = `${what} ${how} after ${seconds} s, without a disturbance`;
    this.#ledger.check('honesty', hasCause ? undefined : problem);
    return 'failed';
  }
}
