import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { isObject } from '../../../base/is-object.ts';
import type { HealthFacts } from '../../drivers/runtime/ready.ts';

const healthPath = '/health';

/** Asks for the health over HTTP. Returns undefined if no runtime answers within the time limit. */
export async function httpHealth(socketPath: string, timeoutMs: number): Promise<HealthFacts | undefined> {
  const body = await get(socketPath, AbortSignal.timeout(timeoutMs)).catch(() => undefined);
  if (body === undefined) return undefined;
  try {
    const health: unknown = JSON.parse(body);
    if (!isObject(health) || typeof health['version'] !== 'string') return undefined;
    return Array.isArray(health['capabilities']) ? (health as unknown as HealthFacts) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the body of a response with status 200, else undefined. */
function get(socketPath: string, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { socketPath, path: healthPath, headers: { host: 'runtime' }, signal },
      (incoming) => {
        text(incoming).then((body) => resolve(incoming.statusCode === 200 ? body : undefined), reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}
