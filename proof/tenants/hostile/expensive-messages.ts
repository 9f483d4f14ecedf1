import type { Attack } from './attack.ts';
import { repeat } from './repeat.ts';
import { posted } from './requests.ts';
import type { PreparedRequest } from './tenant.ts';

const name = 'expensive messages';

/** Size of a message, in bytes. The limit of the contract is 4 MiB (LIMIT-2). */
const bytes = 3 * 2 ** 20;

function ping(params: string): string {
  return `{"jsonrpc":"2.0","id":1,"method":"ping","params":${params}}`;
}

function wide(members: number): string {
  return `{${Array.from({ length: members }, (_, key) => `"${key}":1`).join(',')}}`;
}

function listOf(value: string): string {
  return `[${Array(Math.floor(bytes / (value.length + 1)))
    .fill(value)
    .join(',')}]`;
}

/** Bodies that are expensive for their size, by what makes them so. Runtimes may refuse them, but not late (LIMIT-5). */
export const expensiveBodies: Readonly<Record<string, string>> = {
  'objects with many members': ping(`{"list":${listOf(wide(10_000))}}`),
  'an object with too many members': ping(wide(300_000)),
  'nested as deep as permitted': ping(`{"list":${listOf('['.repeat(90) + ']'.repeat(90))}}`),
  'nested too deep': ping(`${'['.repeat(bytes / 2)}${']'.repeat(bytes / 2)}`),
  'many numbers': ping(`{"list":${listOf('1e3')}}`),
  'many small objects': ping(`{"list":${listOf('{"a":1}')}}`),
  'a text of escapes': ping(`{"text":"${'\\u0041'.repeat(bytes / 6)}"}`),
};

/** Sends large messages in turns, whose parsing takes much time or memory. */
export const expensiveMessages: Attack = {
  name,
  async run(tenant, signal) {
    const bodies = Object.values(expensiveBodies);
    const prepared: PreparedRequest[] = [];
    await repeat(
      async (turn) => {
        const session = tenant.session(0);
        if (session === undefined) return;
        const index = turn % bodies.length;
        prepared[index] ??= tenant.prepare('Invoke', posted(bodies[index] ?? '', session));
        await tenant.send(name, prepared[index]).ended;
      },
      { everyMs: 200, maxInFlight: 4, signal },
    );
  },
};
