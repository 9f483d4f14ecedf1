import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DisturbanceLog } from '../invariants/disturbance-log.ts';
import { Judge } from '../invariants/judge.ts';
import { type Invariant, Ledger } from '../invariants/ledger.ts';
import { Random } from '../random.ts';
import { issuer } from '../system/issuer.ts';
import { Caller } from './caller.ts';

interface ToolCall {
  readonly id: string;
  readonly method: string;
  readonly params: { readonly name?: string; readonly arguments?: { readonly text?: string } };
}

/** Returns the text of the result of a tool, or a status for an empty answer. */
type Respond = (call: ToolCall) => string | number;

let server: Server;
let respond: Respond;
let lives = 0;
let caller: Caller;
let ledger: Ledger;

beforeEach(async () => {
  server = createServer(async (incoming, outgoing) => {
    if (incoming.method === 'DELETE') return void outgoing.writeHead(204).end();
    const call = JSON.parse(await text(incoming)) as ToolCall;
    if (call.method === 'initialize') {
      return void outgoing.writeHead(200, { 'mcp-session-id': 'session' }).end('{}');
    }
    const response = respond(call);
    if (typeof response === 'number') return void outgoing.writeHead(response).end();
    const result = { content: [{ type: 'text', text: response }] };
    outgoing.writeHead(200, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify({ jsonrpc: '2.0', id: call.id, result }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  ledger = new Ledger();
  const log = new DisturbanceLog();
  caller = new Caller({
    number: 1,
    subject: 'caller-1',
    token: 'token',
    pair: 0,
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    random: new Random(1),
    judge: new Judge(ledger, log),
    ledger,
    log,
    runtimeLives: () => lives,
  });
});
afterEach(async () => {
  caller[Symbol.dispose]();
  server.closeAllConnections();
  server.close();
});

function violated(): readonly Invariant[] {
  return ledger.results().flatMap(({ name, violations }) => (violations > 0 ? [name] : []));
}

async function opened() {
  const session = await caller.open();
  if (session === undefined) throw new Error('no session was opened');
  return session;
}

test('a caller accepts its own identity and its own text', async () => {
  respond = ({ params }) => params.arguments?.text ?? `{"email":"${issuer}#caller-1","teams":[]}`;
  const session = await opened();
  expect(await caller.whoami(session)).toBe('answered');
  expect(await caller.echo(session, false)).toBe('answered');
  expect(await caller.close(session)).toBe('answered');
  expect(violated()).toEqual([]);
});

test('the identity of another caller is noticed, even if its subject has the same beginning', async () => {
  respond = () => `{"email":"${issuer}#caller-10","teams":[]}`;
  await caller.whoami(await opened());
  expect(violated()).toEqual(['identity']);
});

test('an earlier text of the same caller is noticed', async () => {
  const texts: string[] = [];
  respond = ({ params }) => {
    texts.push(params.arguments?.text ?? '');
    return texts[0] ?? '';
  };
  const session = await opened();
  await caller.echo(session, false);
  expect(violated()).toEqual([]);
  await caller.echo(session, false);
  expect(violated()).toEqual(['identity']);
});

test('a lost session is noticed, unless the runtime has ended', async () => {
  respond = () => 404;
  const session = await opened();
  lives += 1;
  expect(await caller.whoami(session)).toBe('session-ended');
  expect(violated()).toEqual([]);
  expect(await caller.whoami(await opened())).toBe('session-ended');
  expect(violated()).toEqual(['retention']);
});

test('a caller recovers with its first right answer, within the time limit', async () => {
  let refusals = 2;
  respond = () => {
    refusals -= 1;
    return refusals >= 0 ? 502 : `{"email":"${issuer}#caller-1","teams":[]}`;
  };
  expect(await caller.recovers(30_000)).toBe(true);
  respond = () => 502;
  expect(await caller.recovers(1)).toBe(false);
});
