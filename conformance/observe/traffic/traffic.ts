import { carriesMessage, type SseEvent } from '../sse.ts';
import type { StreamWatch } from '../stream.ts';
import type { Observation } from '../unary.ts';
import { Exchange, memberOf } from './exchange.ts';
import { fieldViolations, type Violation } from './field-rules.ts';
import { messageViolations, routeViolations } from './message-rules.ts';
import { credentialViolations, Secrets } from './secret-rules.ts';
import { ToolOutputs } from './tool-outputs.ts';

/** Number of violations of each clause that are kept with their text. */
const maxKept = 5;
/** Longer texts are not searched, because most of them are padding. */
const maxSearched = 1 << 16;

/** The violations of one clause. */
export interface TrafficViolations {
  /** The first ones as text, and the number of the others. */
  readonly problems: readonly string[];
  /** The ids of the cases whose calls show them. */
  readonly cases: readonly string[];
}

interface Found {
  readonly problems: string[];
  readonly cases: Set<string>;
  count: number;
}

const noneFound = (): Found => ({ problems: [], cases: new Set(), count: 0 });

/** Watches the answer to one call. */
export interface AnswerWatch extends StreamWatch {
  /** Takes the whole answer to a unary call. */
  answer(observation: Observation): void;
}

/**
 * Checks every answer of a run against the rules for all answers. Cases read the violations with the step `traffic`.
 */
export class Traffic {
  readonly #capabilities: () => readonly string[];
  /** The violations of each clause. */
  readonly #found = new Map<string, Found>();
  readonly #secrets = new Secrets();
  readonly #outputs = new ToolOutputs();
  /** The events of each session by id. */
  readonly #events = new Map<string, Map<string, string>>();

  /** @param capabilities returns the capabilities that the target declares */
  constructor(capabilities: () => readonly string[]) {
    this.#capabilities = capabilities;
  }

  /** Returns the violations of a clause so far. */
  violationsOf(clause: string): TrafficViolations {
    for (const [exchange, problem] of this.#outputs.violations()) this.#add('MCP-14', exchange, problem);
    const { problems, count, cases } = this.#found.get(clause) ?? noneFound();
    const more = count - problems.length;
    return { problems: more > 0 ? [...problems, `and ${more} more`] : problems, cases: [...cases] };
  }

  /** Watches the answer to a call. */
  watch(...call: ConstructorParameters<typeof Exchange>): AnswerWatch {
    const exchange = new Exchange(...call);
    this.#secrets.note(exchange.request);
    const report = (violations: Iterable<Violation>) => {
      for (const [clause, problem] of violations) this.#add(clause, exchange, problem);
    };
    let session = exchange.request.sessionId;
    const messageSeen = (message: unknown, status: number) => {
      report(messageViolations(message, exchange.isModern));
      if (status < 400 && exchange.request.method !== 'GET') report(routeViolations(message, exchange));
      this.#outputs.note(exchange, message);
    };
    const eventSeen = (event: SseEvent) => {
      if (exchange.isModern || session === '' || !this.#capabilities().includes('resume')) return;
      report(this.#eventViolations(session, event));
    };
    return {
      answer: (observation) => {
        report(this.#answerViolations(observation, exchange));
        const { status = 0, message, messages = [], events = [] } = observation;
        session ||= String(memberOf(observation['headers'], 'mcp-session-id') ?? '');
        const all = [...(messages as unknown[]), ...(message === undefined ? [] : [message])];
        // A closed session is answered with any body (SESSION-4).
        const isJsonRpc = exchange.rpc !== 'CloseSession';
        for (const each of all) {
          if ((isJsonRpc && Number(status) < 400) || memberOf(each, 'jsonrpc') !== undefined)
            messageSeen(each, Number(status));
        }
        // RESUME-1 applies to streams. The events of an SSE body on `Invoke` need no ids.
        if (exchange.rpc !== 'InvokeStream') return;
        for (const event of events as SseEvent[]) if (carriesMessage(event)) eventSeen(event);
      },
      head: (head) => {
        const { headers, headerNames = [] } = head;
        if (headers === undefined) return;
        session ||= headers['mcp-session-id'] ?? '';
        report(fieldViolations({ headers, headerNames }, undefined));
        report(this.#textViolations(Object.values(headers).join('\n'), (head.status ?? 0) >= 400, exchange));
        report(sessionViolations(headers, exchange));
      },
      event: (event, message) => {
        report(this.#textViolations(event.data, memberOf(message, 'error') !== undefined, exchange));
        if (message === undefined) return;
        messageSeen(message, 200);
        eventSeen(event);
      },
    };
  }

  *#answerViolations(observation: Observation, exchange: Exchange): Iterable<Violation> {
    const { grpc, grpcMessage, status, headers = {}, headerNames = [], bytes = 0, text } = observation;
    yield* this.#textViolations(String(grpcMessage ?? ''), true, exchange);
    if (grpc !== 'OK' || typeof status !== 'number') return;
    if (status < 200 || status > 599) yield ['ERROR-1', `the status is ${status}`];
    const fields = headers as Readonly<Record<string, string>>;
    const size = Number(bytes);
    yield* fieldViolations({ headers: fields, headerNames: headerNames as readonly string[] }, size);
    if (size > 0 && fields['content-type'] === undefined) yield ['HEADER-1', 'the body has no content-type'];
    if (status === 202 && size > 0) yield ['JSONRPC-3', `the answer 202 has a body of ${size} bytes`];
    const failed = status >= 400 || memberOf(observation['message'], 'error') !== undefined;
    yield* this.#textViolations(Object.values(fields).join('\n'), failed, exchange);
    yield* this.#textViolations(typeof text === 'string' ? text : '', failed, exchange);
    yield* sessionViolations(fields, exchange);
  }

  *#textViolations(text: string, isFailure: boolean, exchange: Exchange): Iterable<Violation> {
    if (text === '' || text.length > maxSearched) return;
    yield* this.#secrets.strangersIn(text, exchange);
    if (isFailure) yield* credentialViolations(text, exchange);
  }

  *#eventViolations(session: string, { id, data }: SseEvent): Iterable<Violation> {
    if (id === undefined || id === '') return yield ['RESUME-1', `an event has no id: ${data.slice(0, 80)}`];
    const events = this.#events.get(session) ?? new Map<string, string>();
    this.#events.set(session, events);
    const before = events.get(id);
    if (before === undefined) events.set(id, data.slice(0, 200));
    else if (before !== data.slice(0, 200)) yield ['RESUME-1', `two events have the id ${id}`];
  }

  #add(clause: string, { caseId, label }: Exchange, problem: string): void {
    const found = this.#found.get(clause) ?? noneFound();
    this.#found.set(clause, found);
    const text = `${label}: ${problem}`;
    if (found.problems.includes(text)) return;
    found.count += 1;
    found.cases.add(caseId);
    if (found.problems.length < maxKept) found.problems.push(text);
  }
}

/** An answer in a session may only name that session (SESSION-9). Modern requests have no sessions. */
function* sessionViolations(
  headers: Readonly<Record<string, string>>,
  { request, method, isModern }: Exchange,
): Iterable<Violation> {
  const named = headers['mcp-session-id'];
  if (named === undefined || method === 'initialize' || isModern) return;
  if (request.sessionId === '') yield ['SESSION-9', 'an answer outside a session names one'];
  else if (named !== request.sessionId) yield ['SESSION-9', 'an answer names another session'];
}
