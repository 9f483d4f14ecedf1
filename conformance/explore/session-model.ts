import type { WrittenStep } from '../case/step-annotations.ts';
import { type Carrier, type Level, levels, type Operation, owners, watched } from './operation.ts';

/** A session in the state that the contract requires. */
interface ModelSession {
  /** The variable of the session id. It changes when the session is renewed. */
  name: string;
  level: Level;
  readonly subscriptions: Set<string>;
  /** The name of its open live stream. */
  stream: string | undefined;
  /** Resources whose changes the stream may still report: those that changed since the last fence. */
  readonly untold: Set<string>;
}

type Members = Readonly<Record<string, unknown>>;
type Acting<Kind extends Operation['kind']> = Extract<Operation, { readonly kind: Kind }>;

/** Number of operations between two fences. */
const fenceEvery = 6;

/**
 * A reference model of sessions, subscriptions, log levels and live streams. It turns operations into the steps of a
 * case, with the expectations that follow from the earlier operations. Each session subscribes to a resource of its
 * own. A change of that resource is a fence: everything that preceded it on the live stream has arrived.
 */
export class SessionModel {
  readonly steps: WrittenStep[] = [];
  readonly #sessions: ModelSession[] = [];
  #count = 0;

  /** Opens the sessions and their live streams. */
  begin(): void {
    for (const index of owners.keys()) this.#start(index);
  }

  apply(operation: Operation): void {
    const { session: index } = operation;
    switch (operation.kind) {
      case 'ping':
        this.#call(index, 'Invoke', { message: { method: 'ping' } }, 'SESSION-2');
        break;
      case 'log':
        this.#log(index);
        break;
      case 'cut':
        this.#cut(index);
        break;
      case 'open':
        this.#open(index);
        break;
      case 'renew':
        this.#renew(index);
        break;
      case 'level':
        this.#setLevel(operation);
        break;
      case 'subscribe':
      case 'unsubscribe':
        this.#subscription(operation);
        break;
      case 'touch':
        this.#touch(index, operation.uri);
        break;
      case 'intrude':
        this.#intrude(operation);
        break;
    }
  }

  /** Checks at regular intervals that no stream reports a change of a resource without a subscription. */
  afterOperation(number: number): void {
    if (number % fenceEvery === 0) this.end();
  }

  end(): void {
    for (const index of owners.keys()) this.#fence(index);
  }

  #start(index: number): void {
    const name = this.#unique('session');
    const owner = ownerOf(index);
    const session: ModelSession = {
      name,
      level: 'debug',
      subscriptions: new Set(),
      stream: undefined,
      untold: new Set(),
    };
    this.#sessions[index] = session;
    this.#add({ session: { as: name, authContext: owner } });
    this.#setLevel({ kind: 'level', session: index, level: 'debug', by: 'Invoke' });
    this.#subscription({ kind: 'subscribe', session: index, uri: fenceOf(index), by: 'Invoke' });
    this.#open(index);
  }

  #setLevel({ session: index, level, by }: Acting<'level'>): void {
    this.#call(index, by, { message: { method: 'logging/setLevel', params: { level } } }, 'MCP-8');
    this.#at(index).level = level;
  }

  #subscription({ kind, session: index, uri, by }: Acting<'subscribe' | 'unsubscribe'>): void {
    this.#call(index, by, { message: { method: `resources/${kind}`, params: { uri } } }, 'MCP-10');
    const { subscriptions } = this.#at(index);
    if (kind === 'subscribe') subscriptions.add(uri);
    else subscriptions.delete(uri);
  }

  /** Changes a resource, and expects a notification on the stream of each subscribed session. */
  #touch(index: number, uri: string): void {
    const session = this.#at(index);
    const touch = { method: 'tools/call', params: { name: 'conformance_touch', arguments: { uri } } };
    const request = {
      sessionId: `\${${session.name}}`,
      authContext: ownerOf(index),
      message: this.#message(touch),
    };
    this.#add({ invoke: { request, expect: { result: 'object' } }, clauses: ['MCP-10'] });
    for (const each of this.#sessions) {
      if (!each.subscriptions.has(uri)) continue;
      each.untold.add(uri);
      if (each.stream !== undefined) this.#expectChange(each, uri);
    }
  }

  #expectChange({ stream, untold }: ModelSession, uri: string): void {
    const forbidden = [...watched, ...Array.from(owners, (_, each) => fenceOf(each))].filter(
      (each) => !untold.has(each),
    );
    const never = forbidden.length === 0 ? {} : { never: { $oneOf: forbidden.map(changeOf) } };
    this.#add({
      receive: { stream, skipOthers: true, expect: changeOf(uri), ...never },
      clauses: ['MCP-10', 'SESSION-9'],
    });
  }

  /** A tool call by a streamed POST, with the log message that the level of the session permits. */
  #log(index: number): void {
    const { name, level } = this.#at(index);
    const tool = { name: 'conformance_events', arguments: { count: 1 } };
    const message = this.#message({ method: 'tools/call', params: tool });
    const stream = this.#unique('call');
    const isSent = levels.indexOf(level) <= levels.indexOf('info');
    const log = { $message: { method: 'notifications/message' } };
    const response = { $message: { id: message.id, result: 'object' } };
    const request = { method: 'POST', sessionId: `\${${name}}`, authContext: ownerOf(index), message };
    this.#add({ openStream: { as: stream, request } });
    this.#add({
      end: { stream, expect: { messages: isSent ? [log, response] : [response] } },
      clauses: ['MCP-8', 'SESSION-9'],
    });
  }

  #cut(index: number): void {
    const session = this.#at(index);
    if (session.stream === undefined) return;
    this.#fence(index);
    this.#add({ cancel: { stream: session.stream } });
    session.stream = undefined;
  }

  #open(index: number): void {
    const session = this.#at(index);
    if (session.stream !== undefined) return;
    const stream = this.#unique('live');
    const request = { sessionId: `\${${session.name}}`, authContext: ownerOf(index) };
    this.#add({ openStream: { as: stream, request, expect: { status: 200 } }, clauses: ['STREAM-1'] });
    session.stream = stream;
    this.#fence(index);
  }

  #renew(index: number): void {
    const { name, stream } = this.#at(index);
    const authContext = ownerOf(index);
    const request = { sessionId: `\${${name}}`, authContext };
    this.#add({ closeSession: { request, expect: { status: '2xx' } }, clauses: ['SESSION-4'] });
    const ping = this.#message({ method: 'ping' });
    this.#add({ invoke: { request: { ...request, message: ping }, refused: 404 }, clauses: ['SESSION-4'] });
    if (stream !== undefined) this.#add({ end: { stream, expect: { done: true } }, clauses: ['STREAM-4'] });
    this.#start(index);
  }

  /** Another caller uses the id of the session and is refused. Later operations show that this had no effect. */
  #intrude({ session: index, act, level, uri }: Acting<'intrude'>): void {
    const authContext = ownerOf(index) === 'alice' ? 'bob' : 'alice';
    const request = { sessionId: `\${${this.#at(index).name}}`, authContext };
    const clauses = ['AUTH-2'];
    const messages: Readonly<Record<string, Members>> = {
      ping: { method: 'ping' },
      level: { method: 'logging/setLevel', params: { level } },
      subscribe: { method: 'resources/subscribe', params: { uri } },
      unsubscribe: { method: 'resources/unsubscribe', params: { uri } },
    };
    const message = messages[act];
    if (message !== undefined) {
      this.#add({
        invoke: { request: { ...request, message: this.#message(message) }, refused: 403 },
        clauses,
      });
    } else if (act === 'close') this.#add({ closeSession: { request, refused: 403 }, clauses });
    else this.#add({ openStream: { as: this.#unique('refused'), request, refused: 403 }, clauses });
  }

  #fence(index: number): void {
    const session = this.#at(index);
    if (session.stream === undefined) return;
    this.#touch(index, fenceOf(index));
    session.untold.clear();
  }

  /** Adds a request of the owner that has a result. */
  #call(index: number, by: Carrier, { message }: { readonly message: Members }, clause: string): void {
    const { name } = this.#at(index);
    const sent = this.#message(message);
    const request = { sessionId: `\${${name}}`, authContext: ownerOf(index), message: sent };
    if (by === 'Invoke') {
      this.#add({ invoke: { request, expect: { result: 'object' } }, clauses: [clause] });
      return;
    }
    const stream = this.#unique('call');
    this.#add({ openStream: { as: stream, request: { method: 'POST', ...request } } });
    const response = { $message: { id: sent.id, result: 'object' } };
    this.#add({ end: { stream, expect: { messages: [response] } }, clauses: [clause] });
  }

  #message<Message extends Members>(message: Message): Message & { readonly id: number } {
    this.#count += 1;
    return { id: this.#count, ...message };
  }

  #unique(prefix: string): string {
    this.#count += 1;
    return `${prefix}${this.#count}`;
  }

  #at(index: number): ModelSession {
    const session = this.#sessions[index];
    if (session === undefined) throw new RangeError(`there is no session ${index}`);
    return session;
  }

  #add(step: WrittenStep): void {
    this.steps.push(step);
  }
}

function ownerOf(index: number): string {
  return owners[index] ?? owners[0];
}

/** The resource that only this session's fence changes. */
function fenceOf(index: number): string {
  return `test://template/fence-${index}/data`;
}

function changeOf(uri: string): unknown {
  return { $message: { method: 'notifications/resources/updated', params: { uri } } };
}
