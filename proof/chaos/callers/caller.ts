import { setTimeout as pause } from 'node:timers/promises';
import type { DisturbanceLog } from '../invariants/disturbance-log.ts';
import type { Attempt, Judge, Judgement } from '../invariants/judge.ts';
import type { Ledger } from '../invariants/ledger.ts';
import type { Random } from '../random.ts';
import { issuer } from '../system/issuer.ts';
import { type ExpectedAnswer, wrongAnswer } from './answer.ts';
import { callLimitMs } from './limits.ts';
import { type CallOptions, McpClient } from './mcp-client.ts';
import type { Reply } from './reply.ts';
import { TimeLimit } from './time-limit.ts';

/** The identity of a caller, its place, and the checks. */
export interface CallerOptions {
  /** The number of the caller, from 1. */
  readonly number: number;
  readonly subject: string;
  readonly token: string;
  readonly pair: number;
  readonly url: URL;
  readonly random: Random;
  readonly judge: Judge;
  readonly ledger: Ledger;
  readonly log: DisturbanceLog;
  /** Returns a number that grows whenever the runtime ends. */
  readonly runtimeLives: () => number;
}

/** An acknowledged session. */
export interface Session {
  readonly id: string;
  /** The value of `runtimeLives` before the session was opened. */
  readonly lives: number;
}

/** A call of a tool, and its only right answer. */
interface ToolRequest {
  readonly tool: string;
  readonly args: object;
  readonly text: ExpectedAnswer['text'];
  readonly streams?: boolean;
}

/** A caller with an identity of its own, which checks every answer. */
export class Caller implements Disposable {
  readonly options: CallerOptions;
  readonly client: McpClient;
  #requests = 0;

  constructor(options: CallerOptions) {
    this.options = options;
    this.client = new McpClient(options);
  }

  get name(): string {
    return `caller ${this.options.number}`;
  }

  /** Opens a session. @returns undefined if it failed */
  async open(): Promise<Session | undefined> {
    const lives = this.options.runtimeLives();
    const attempt = this.attempt('initialize');
    let session: string | undefined;
    const reply = await this.limited(async (signal) => {
      const opened = await this.client.open({ signal });
      session = opened.session;
      return opened.reply;
    });
    if (this.options.judge.request(attempt, reply) !== 'answered') return undefined;
    if (session !== undefined) return { id: session, lives };
    this.options.ledger.violated('honesty', `${attempt.what} was answered without a session`);
    return undefined;
  }

  /** Asks the runtime for the identity of the caller. */
  whoami(session: Session): Promise<Judgement> {
    const { subject } = this.options;
    const isOwn = (text: string) => text.startsWith(`{"email":"${issuer}#${subject}",`);
    return this.tool(session, { tool: 'conformance_whoami', args: {}, text: isOwn });
  }

  /** Sends a text that no other request contains, and expects it back. */
  echo(session: Session, streams: boolean): Promise<Judgement> {
    const text = `${this.options.subject} ${this.#requests}`;
    return this.tool(session, { tool: 'conformance_echo', args: { text }, text, streams });
  }

  /** Calls a tool and checks the answer. */
  async tool(session: Session, { tool, args, text, streams = false }: ToolRequest): Promise<Judgement> {
    this.#requests += 1;
    const id = `${this.options.subject}-${this.#requests}`;
    const attempt = this.attempt(tool, session);
    const reply = await this.limited((signal) =>
      this.client.call(id, tool, args, { session: session.id, signal, streams }),
    );
    const judgement = this.options.judge.request(this.#settled(attempt, session), reply);
    if (judgement !== 'answered' || reply.kind !== 'answer') return judgement;
    const wrong = wrongAnswer(reply.headers['content-type'], reply.body, { id, text });
    if (wrong === 'incomplete') {
      this.options.judge.streamEnd(attempt);
      return 'failed';
    }
    this.options.ledger.check('identity', wrong && `${attempt.what}: ${wrong}`);
    return judgement;
  }

  /** Closes a session. */
  async close(session: Session): Promise<Judgement> {
    const attempt = this.attempt('the end of a session', session);
    const reply = await this.limited((signal) => this.client.close(session.id, { signal }));
    return this.options.judge.request(this.#settled(attempt, session), reply);
  }

  /** Repeats until one session answers as its owner expects. @returns whether that happened within the time */
  async recovers(limitMs: number): Promise<boolean> {
    const endMs = performance.now() + limitMs;
    while (performance.now() < endMs) {
      const session = await this.open();
      if (session !== undefined) {
        const judgement = await this.whoami(session);
        await this.close(session);
        if (judgement === 'answered') return true;
      }
      await pause(200);
    }
    return false;
  }

  /** Describes a request that starts now. */
  attempt(request: string, session?: Session): Attempt {
    const what = `${this.name}, ${request}${session === undefined ? '' : ` in session ${session.id.slice(0, 6)}…`}`;
    return { pair: this.options.pair, what, startedMs: performance.now() };
  }

  /** Returns whether the runtime has ended since a session was opened. */
  hasLost(session: Session): boolean {
    return this.options.runtimeLives() !== session.lives;
  }

  /** Makes a request within the time limit of calls. */
  async limited(work: (signal: NonNullable<CallOptions['signal']>) => Promise<Reply>): Promise<Reply> {
    using limit = new TimeLimit(callLimitMs, this.options.pair, this.options.log);
    return await work(limit.signal);
  }

  [Symbol.dispose](): void {
    this.client[Symbol.dispose]();
  }

  #settled(attempt: Attempt, session: Session): Attempt {
    return { ...attempt, hasLostSession: this.hasLost(session) };
  }
}
