import { setImmediate } from 'node:timers/promises';
import { textResult, tool } from './building-blocks.ts';
import { type CallScope, type ToolContext, type ToolEntry, ToolFailure } from './catalog.ts';
import { sendLogOfEachLevel } from './input-tools.ts';
import type { WaitBoard } from './wait-board.ts';

const mebibyte = 1024 * 1024;
const eventsPerTurn = 64;

const keyProperty = { key: { type: 'string', minLength: 1, maxLength: 10_000 } };

/** Returns the claims of the call as JSON, with members in a fixed order. */
export function whoAmI({ caller: { claims }, serverId }: CallScope): string {
  return JSON.stringify({
    email: claims.email,
    teams: claims.teams,
    is_authenticated: claims.isAuthenticated,
    is_admin: claims.isAdmin,
    permission_is_admin: claims.permissionIsAdmin,
    token_use: claims.tokenUse,
    scoped_permissions: claims.scopedPermissions,
    scoped_server_id: claims.scopedServerId,
    server_id: serverId === '' ? null : serverId,
  });
}

/** Waits for a release. @throws ToolFailure if the wait ends in another way */
async function untilReleased(board: WaitBoard, key: string, { owner, signal }: ToolContext): Promise<void> {
  const outcome = await board.wait(owner, key, signal);
  if (outcome === 'released') return;
  throw new ToolFailure(outcome === undefined ? 'too many calls are waiting' : outcome);
}

async function emitEvents(
  count: number,
  size: number,
  on: 'request' | 'live',
  context: ToolContext,
): Promise<void> {
  const padding = size === 0 ? {} : { pad: 'x'.repeat(size) };
  for (let n = 0; n < count; n++) {
    // Yields to other calls even if the reader always has room (RPC-11).
    if (n % eventsPerTurn === eventsPerTurn - 1) await setImmediate(undefined, { signal: context.signal });
    await context.log(on, { level: 'info', logger: 'conformance', data: { n, ...padding } });
  }
}

/** Arguments that header fields repeat, one of each type and one in a nested object. */
const mirroredProperties = {
  text: { type: 'string', 'x-mcp-header': 'Text' },
  count: { type: 'integer', 'x-mcp-header': 'Count' },
  flag: { type: 'boolean', 'x-mcp-header': 'Flag' },
  place: {
    type: 'object',
    properties: { zone: { type: 'string', 'x-mcp-header': 'Zone' } },
    additionalProperties: false,
  },
};

/** Tools that the cases of the contract need, in addition to the tools of the official MCP conformance scenarios. */
export function contractTools(board: WaitBoard): readonly ToolEntry[] {
  return [
    tool('conformance_whoami', "Returns the call's claims and scope as JSON", {}, async (_args, context) =>
      textResult(whoAmI(context)),
    ),
    tool('conformance_echo', 'Returns the given text', { text: { type: 'string' } }, async ({ text }) =>
      textResult(String(text)),
    ),
    tool(
      'conformance_mirror',
      'Accepts arguments that header fields of MCP 2026-07-28 repeat',
      mirroredProperties,
      async () => textResult('mirrored'),
      [],
    ),
    tool(
      'conformance_repeat',
      'Returns a text of the given number of bytes',
      { size: { type: 'integer', minimum: 0, maximum: 64 * mebibyte } },
      async ({ size }) => textResult('x'.repeat(Number(size))),
    ),
    tool(
      'conformance_wait',
      'Blocks until conformance_release releases its key, or until it is cancelled',
      keyProperty,
      async ({ key }, context) => {
        await untilReleased(board, String(key), context);
        return textResult('released');
      },
    ),
    {
      ...tool(
        'conformance_report',
        'Waits like conformance_wait, then sends log messages and progress',
        keyProperty,
        async ({ key }, context) => {
          await untilReleased(board, String(key), context);
          await sendLogOfEachLevel(context);
          for (const step of [1, 2]) await context.progress(step, 2, `Step ${step} of 2`);
          return textResult('reported');
        },
      ),
      era: 'modern',
    },
    tool(
      'conformance_release',
      "Releases the caller's conformance_wait with this key",
      keyProperty,
      async ({ key }, { owner }) => textResult(`released ${board.release(owner, String(key))}`),
    ),
    tool(
      'conformance_state',
      "Returns the state of the caller's conformance_wait with this key",
      keyProperty,
      async ({ key }, { owner }) => textResult(board.state(owner, String(key)) ?? 'unknown'),
    ),
    tool(
      'conformance_events',
      'Sends numbered log messages on its own stream or on the live stream',
      {
        count: { type: 'integer', minimum: 0, maximum: 100_000 },
        size: { type: 'integer', minimum: 0, maximum: mebibyte },
        on: { type: 'string', enum: ['request', 'live'] },
      },
      async ({ count, size = 0, on }, context) => {
        await emitEvents(Number(count), Number(size), on === 'live' ? on : 'request', context);
        return textResult(`emitted ${Number(count)}`);
      },
      ['count'],
    ),
    tool(
      'conformance_levels',
      'Sends a log message of each level on its own stream or on the live stream',
      { on: { type: 'string', enum: ['request', 'live'] } },
      async ({ on }, context) => {
        await sendLogOfEachLevel(context, on === 'live' ? on : 'request');
        return textResult('logged');
      },
      [],
    ),
    tool(
      'conformance_touch',
      'Notifies every subscribed session that a resource has changed',
      { uri: { type: 'string' } },
      async ({ uri }, { resourceUpdated }) => {
        resourceUpdated(String(uri));
        return textResult('touched');
      },
    ),
  ];
}
