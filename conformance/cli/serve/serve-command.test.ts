import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../base/package.ts';
import { createRuntimeClient, McpSession } from '../../../client/index.ts';
import { runWords } from '../testing/run-words.ts';

const main = join(packageRoot(), 'dist', 'cli', 'main.js');
const server = `
process.stdin.on('data', (data) => {
  for (const line of String(data).split('\\n').filter((text) => text !== '')) {
    const { id, method, params } = JSON.parse(line);
    if (method === 'initialize') {
      const { protocolVersion } = params;
      const result = { protocolVersion, capabilities: {}, serverInfo: { name: String(process.pid), version: '1' } };
      console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
    }
  }
});
process.on('SIGTERM', () => {});
setInterval(() => {}, 1000);`;

let folder: string;
const started: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serve-'));
});
afterEach(async () => {
  for (const child of started.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

// The test starts the built command. `npm test` builds it first.
describe('serve', () => {
  test('serves a stdio MCP server until SIGTERM, and leaves nothing behind', async () => {
    const socketPath = join(folder, 's');
    const words = [
      'serve',
      '--socket',
      socketPath,
      '--grace',
      '0.1',
      '--stdio',
      `node -e '${server.replaceAll("'", '"')}'`,
    ];
    const child = spawn(main, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    started.push(child);
    let stderr = '';
    child.stderr?.on('data', (data) => {
      stderr += data;
    });
    await using client = createRuntimeClient({ socketPath });
    await client.waitUntilReady({ deadlineMs: 20_000 });
    const session = await McpSession.initialize(client, { clientInfo: { name: 'test', version: '1' } });
    const pid = Number(session.server.serverInfo['name']);
    expect(process.kill(pid, 0)).toBe(true);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
    expect(existsSync(socketPath)).toBe(false);
    expect(stderr).toContain('"listening"');
  });

  test.each([
    [
      '--stdio',
      'no-such-command',
      /^error: --stdio: the command no-such-command is not on PATH; give its path/,
    ],
    ['--stdio', './no-such-file', /^error: --stdio: the file .*no-such-file does not exist$/],
    [
      '--stdio',
      './package.json',
      /^error: --stdio: this user may not execute .*package.json; run: chmod \+x/,
    ],
  ])('checks the program before it serves: %s %s', async (flag, value, message) => {
    const { exitCode, warnings } = await runWords(['serve', flag, value, '--socket', join(folder, 's')]);
    expect([exitCode, warnings.length]).toEqual([2, 1]);
    expect(warnings[0]).toMatch(message);
  });
});
