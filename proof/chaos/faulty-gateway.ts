import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { GatewayAnswer, GatewayRequest } from '../../gateway/exchange.ts';
import {
  bearerAuthenticator,
  createGateway,
  grpcRuntime,
  keySetFromFile,
  serveGateway,
} from '../../gateway/index.ts';

// A gateway that violates each invariant. It accepts the options of the command `gateway` that `pair.ts` uses.

const text = { type: 'string', default: '' } as const;
const { values } = parseArgs({
  options: {
    listen: text,
    socket: text,
    jwks: text,
    issuer: text,
    audience: text,
    deadline: text,
    'audit-log': text,
  },
});

/** Number of requests from one occurrence of a fault to the next. Prime numbers, so that the faults rarely coincide. */
const every = { swap: 23, forget: 29, loseEvent: 11, wrongStatus: 31, crash: 211 };
/** Memory that the gateway keeps for each request, in bytes. */
const keptBytes = 4 * 2 ** 20;
const maxKeptBytes = 600 * 2 ** 20;
/** The subjects of callers whose requests always fail, and of callers whose requests are never answered. */
const unserved = /7$/;
const unanswered = /3$/;

const gateway = createGateway({
  runtime: grpcRuntime({ socketPath: values.socket }),
  authenticator: bearerAuthenticator({
    keys: await keySetFromFile(values.jwks),
    issuer: values.issuer,
    audience: values.audience,
  }),
  anonymous: 'refuse',
});
const handle = gateway.handle.bind(gateway);
const kept: Buffer[] = [];
let requests = 0;
let earlier: GatewayAnswer | undefined;
gateway.handle = faulty;

await writeFile(join(await mkdtemp(join(tmpdir(), 'left-')), 'file'), 'left behind');
// Outlives the gateway, so that the invariant `cleanup` must find it.
spawn(process.execPath, ['-e', 'setTimeout(() => {}, 120_000)'], { detached: true, stdio: 'ignore' }).unref();
const [host = '', port = ''] = values.listen.split(':');
await using server = await serveGateway(gateway, { host, port: Number(port) });
await once(process, 'SIGTERM');
await server.close();
process.exit(0);

async function faulty(request: GatewayRequest): Promise<GatewayAnswer> {
  const subject = subjectOf(request);
  if (unserved.test(subject)) return answer(502);
  if (unanswered.test(subject)) await new Promise(() => undefined);
  requests += 1;
  const number = requests;
  if (kept.length * keptBytes < maxKeptBytes) kept.push(Buffer.alloc(keptBytes, 1));
  if (number % every.crash === 0) setImmediate(() => crash());
  if (number % every.forget === 0) return answer(404);
  if (number % every.wrongStatus === 0) return answer(500);
  return swapped(number, await handle(request));
}

function subjectOf({ headers }: GatewayRequest): string {
  const token = headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1] ?? '';
  const [, claims = ''] = token.split('.');
  return /"sub":"([^"]*)"/.exec(Buffer.from(claims, 'base64url').toString())?.[1] ?? '';
}

function crash(): never {
  throw new TypeError('a fault of the chaos proof');
}

function answer(status: number): GatewayAnswer {
  return { status, headers: [], body: Buffer.alloc(0) };
}

/** Answers some requests with the answer to an earlier one, and leaves out some events. */
function swapped(number: number, own: GatewayAnswer): GatewayAnswer {
  const { body } = own;
  if (!(body instanceof Uint8Array)) return { ...own, body: withoutSomeEvents(body) };
  const other = earlier;
  earlier = own;
  return number % every.swap === 0 && other !== undefined ? other : own;
}

async function* withoutSomeEvents(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const piece of pieces) {
    count += 1;
    if (count % every.loseEvent !== 0 || !Buffer.from(piece).includes('"n":')) yield piece;
  }
}
