import * as fc from 'fast-check';

/** The eight log levels of MCP, from the lowest (2025-11-25, logging). */
export const levels = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
] as const;

export type Level = (typeof levels)[number];

/** The callers that own the sessions: two have the same owner. */
export const owners = ['alice', 'bob', 'alice'] as const;

/** Resources of the catalog that sessions subscribe to. */
export const watched = ['test://watched-resource', 'test://static-text'] as const;

/** The RPC that carries a request: `Invoke`, or a POST on `InvokeStream`. */
export type Carrier = 'Invoke' | 'InvokeStream';

/** A request that the caller of another session sends with the id of this session. It must have no effect. */
export type Intrusion = 'ping' | 'level' | 'subscribe' | 'unsubscribe' | 'close' | 'stream';

/** An operation on one of the sessions, by index. */
export type Operation = Readonly<{ session: number }> &
  (
    | { readonly kind: 'ping' | 'log' | 'cut' | 'open' | 'renew' }
    | { readonly kind: 'level'; readonly level: Level; readonly by: Carrier }
    | { readonly kind: 'subscribe' | 'unsubscribe'; readonly uri: string; readonly by: Carrier }
    | { readonly kind: 'touch'; readonly uri: string }
    | { readonly kind: 'intrude'; readonly act: Intrusion; readonly level: Level; readonly uri: string }
  );

/** The most operations of one sequence. */
export const longestSequence = 40;

const session = fc.nat({ max: owners.length - 1 });
const level = fc.constantFrom(...levels);
const uri = fc.constantFrom(...watched);
const by = fc.constantFrom<Carrier[]>('Invoke', 'InvokeStream');

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ session, kind: fc.constantFrom('ping', 'log', 'cut', 'open', 'renew') }),
  fc.record({ session, kind: fc.constant('level'), level, by }),
  { weight: 3, arbitrary: fc.record({ session, kind: fc.constant('touch'), uri }) },
  {
    weight: 3,
    arbitrary: fc.record({
      session,
      kind: fc.constantFrom('subscribe', 'subscribe', 'unsubscribe'),
      uri,
      by,
    }),
  },
  fc.record({
    session,
    kind: fc.constant('intrude'),
    act: fc.constantFrom<Intrusion[]>('ping', 'level', 'subscribe', 'unsubscribe', 'close', 'stream'),
    level,
    uri,
  }),
);

/** Random sequences of operations. fast-check shortens those that fail. */
export const sequences: fc.Arbitrary<readonly Operation[]> = fc.array(operation, {
  minLength: 1,
  maxLength: longestSequence,
  size: 'max',
});

/** Describes an operation in one sentence. */
export function sentenceOf(each: Operation): string {
  const name = `session ${each.session + 1}`;
  const owner = owners[each.session] ?? '';
  switch (each.kind) {
    case 'ping':
      return `${owner} pings ${name}`;
    case 'log':
      return `${owner} calls a tool of ${name} that sends a log message of level info`;
    case 'cut':
      return `${owner} cancels the live stream of ${name}`;
    case 'open':
      return `${owner} opens the live stream of ${name}`;
    case 'renew':
      return `${owner} closes ${name} and opens another in its place`;
    case 'level':
      return `${owner} sets the log level of ${name} to ${each.level} (${each.by})`;
    case 'subscribe':
      return `${owner} subscribes ${name} to ${each.uri} (${each.by})`;
    case 'unsubscribe':
      return `${owner} unsubscribes ${name} from ${each.uri} (${each.by})`;
    case 'touch':
      return `${owner} changes ${each.uri} in ${name}`;
    case 'intrude':
      return `another caller tries ${attemptOf(each)} with the id of ${name}`;
  }
}

function attemptOf({ act, level: wanted, uri: target }: Operation & { kind: 'intrude' }): string {
  const attempts: Readonly<Record<Intrusion, string>> = {
    ping: 'to ping',
    level: `to set the log level to ${wanted}`,
    subscribe: `to subscribe to ${target}`,
    unsubscribe: `to unsubscribe from ${target}`,
    close: 'to close it',
    stream: 'to open a live stream',
  };
  return attempts[act];
}
