import type { McpRequest } from '../../proto/index.ts';
import type { ScriptedGateway } from './scripted-gateway.ts';
import { smuggledBody } from './smuggling-corpus.ts';

/** What a gateway made of an input. */
export interface SmugglingOutcome {
  /** The statuses of the answers, without 100 Continue. */
  readonly statuses: readonly number[];
  /** The bodies that the runtime got. */
  readonly bodies: readonly string[];
}

const probeBody = '{"probe":1}';
/** An ordinary request that follows the input. After it, the gateway closes the connection. */
const probe = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${probeBody.length}\r\nConnection: close\r\n\r\n${probeBody}`;
/** Ends a body that the input has left open, so that the probe is a part of it. */
const rest = `${'x'.repeat(4096)}\r\n\r\n`;
/** Time for the gateway to close the connection, in milliseconds. After it, the rest follows. */
const restAfterMs = 250;
/** The gateway closes every connection, at the latest after the time that it permits for an unread body. */
const closeLimitMs = 4_000;

/** Sends an input and the probe on one connection, and reads until the gateway closes it. @throws Error if it does not */
export async function sendInput(
  gateway: ScriptedGateway,
  seen: McpRequest[],
  input: string,
): Promise<SmugglingOutcome> {
  seen.length = 0;
  const socket = gateway.connect();
  const pieces: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const late = () =>
      reject(new Error(`the gateway kept the connection open: ${Buffer.concat(pieces).toString('latin1')}`));
    const timer = setTimeout(late, closeLimitMs);
    const more = setTimeout(() => socket.write(rest), restAfterMs);
    socket.on('data', (piece) => pieces.push(piece));
    // The gateway may reset a connection on which unread bytes arrive.
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(timer);
      clearTimeout(more);
      resolve();
    });
    socket.write(Buffer.from(input + probe, 'latin1'));
  }).finally(() => socket.destroy());
  const text = Buffer.concat(pieces).toString('latin1');
  return { statuses: statusesOf(text), bodies: seen.map(({ body }) => Buffer.from(body).toString('latin1')) };
}

/** Reads the answers on a connection. The last one may be incomplete. */
function statusesOf(text: string): readonly number[] {
  const statuses: number[] = [];
  for (let rest = text; rest !== ''; ) {
    const [head = '', status = ''] = /^HTTP\/1\.[01] (\d{3})[\s\S]*?\r\n\r\n/.exec(rest) ?? [];
    if (head === '') throw new Error(`not an answer: ${rest.slice(0, 100)}`);
    rest = rest.slice(head.length);
    if (!status.startsWith('1')) statuses.push(Number(status));
    const length = /^content-length: (\d+)/im.exec(head)?.[1];
    if (length !== undefined) rest = rest.slice(Number(length));
    else if (/^transfer-encoding: chunked/im.test(head)) rest = rest.replace(/^[\s\S]*?0\r\n\r\n/, '');
  }
  return statuses;
}

/**
 * Returns the reason that an outcome is not safe, or undefined. An input must be refused, or be exactly one request for
 * the runtime. A request after it must be answered as such, or not at all.
 */
export function problemOf({ statuses, bodies }: SmugglingOutcome): string | undefined {
  const [first, ...others] = statuses;
  if (bodies.includes(smuggledBody)) return 'the runtime got the smuggled request';
  const probes = bodies.filter((body) => body === probeBody).length;
  const served = bodies.length - probes;
  if (served > 1) return `the runtime got ${served} requests`;
  if (statuses.length > 2) return `the gateway sent ${statuses.length} answers`;
  if (served === 1 && first !== undefined && first !== 200)
    return `the runtime got the request, but the answer was ${first}`;
  if (served === 0 && first !== undefined && first < 400 && probes === 0)
    return `the answer was ${first}, but the runtime got nothing`;
  if (probes === 1 && others[0] !== undefined && others[0] !== 200)
    return `the answers ${statuses.join(', ')} do not belong to the input and the probe`;
  return undefined;
}
