import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runWords } from '../testing/run-words.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'check-gateway-'));
});

afterEach(() => rm(folder, { recursive: true }));

const run = (...words: readonly string[]) => runWords(['check-gateway', ...words]);

/** Writes a small gateway to a file and returns the value of `--command` that starts it. */
async function program(script: string): Promise<string> {
  const file = join(folder, 'gateway.mjs');
  await writeFile(file, script);
  return `${process.execPath} ${file}`;
}

/** Calls its runtime only for a ping. */
const deaf = `
import { createServer } from 'node:http';
import { connect } from 'node:http2';
const [, , listen, socket] = process.argv;
const frame = Buffer.from([0, 0, 0, 0, 0]);
createServer((request, response) => {
  let body = '';
  request.on('data', (bytes) => (body += bytes));
  request.on('end', () => {
    if (!body.includes('are-you-there')) return response.writeHead(404).end();
    const session = connect('http://localhost', { path: socket });
    const call = session.request({
      ':method': 'POST',
      ':path': '/contextforge.mcp.runtime.v1.McpRuntime/Invoke',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    call.end(frame);
    call.resume();
    call.on('close', () => {
      session.close();
      response.writeHead(200).end();
    });
  });
}).listen(Number(listen.split(':')[1]), '127.0.0.1');
`;

test('starts a gateway, checks it and writes a report', async () => {
  const report = join(folder, 'report.json');
  const command = `${await program(deaf)} {listen} {socket}`;
  const words = ['--case', 'calls/post', '--case', 'calls/other-paths', '--report', `json=${report}`];
  const { exitCode, output, warnings } = await run('--command', command, ...words);
  expect(warnings).toEqual([]);
  expect(output).toContain('no call arrived for the request (main), which was answered 404');
  expect(output).toMatch(/1 of 2 selected cases failed\n/);
  expect(output).toContain(`check-gateway --command '${command}' --case calls/post`);
  expect(exitCode).toBe(1);
  expect(JSON.parse(await readFile(report, 'utf8'))).toMatchObject({
    settings: { level: 'strict' },
    target: { kind: 'gateway' },
    verdict: { exitCode: 1 },
  });
}, 60_000);

test('fails the case whose request crashes the gateway', async () => {
  const mortal = deaf.replace('return response.writeHead(404).end()', 'process.exit(9)');
  const command = `${await program(mortal)} {listen} {socket}`;
  const { exitCode, output } = await run('--command', command, '--suite', 'calls');
  expect(output).toContain('exit code 9');
  expect(output).toMatch(/while this case ran/);
  expect(output).toMatch(/1 of \d+ selected cases failed, \d+ not run/);
  expect(exitCode).toBe(1);
}, 60_000);

test('shows the output of a gateway that exits immediately', async () => {
  const command = await program("console.error('no licence'); process.exit(7);");
  const { exitCode, output } = await run('--command', command, '--case', 'calls/post');
  expect(exitCode).toBe(3);
  expect(output).toContain('no licence');
  expect(output).toMatch(/exit code 7/);
}, 60_000);

test('reports a program that does not exist', async () => {
  const { exitCode, output } = await run('--command', join(folder, 'nothing'), '--case', 'calls/post');
  expect(exitCode).toBe(3);
  expect(output).toContain(`The file ${folder}/nothing does not exist`);
});

test('lists and explains cases and clauses', async () => {
  const list = await run('--list', '--suite', 'identity');
  expect(list).toMatchObject({ exitCode: 0 });
  expect(list.output).toMatch(/identity\/claims +core +GW-21, AUTH-1/);
  const core = await run('--list', '--suite', 'identity', '--level', 'core');
  expect(core.output).not.toContain('identity/expiry');
  const older = await run('--list', '--suite', 'calls', '--contract', '1.0');
  expect(older.output).toContain('calls/post ');
  expect(older.output).not.toContain('calls/post-as-stream');
  const modern = await run('--list', '--suite', 'calls', '--era', 'modern');
  expect(modern.output).toContain('calls/post ');
  expect(modern.output).not.toContain('GW-10');
  expect((await run('--explain', 'GW-3')).output).toContain('recovery/other-capabilities');
  expect((await run('--explain', 'calls/post')).output).toContain('into one `Invoke`');
});

test('reports each usage error on one line', async () => {
  const url = ['--url', 'http://127.0.0.1:9', '--socket', join(folder, 's')];
  expect(await run(...url, '--case', 'no/such')).toMatchObject({
    exitCode: 2,
    warnings: [expect.stringMatching(/^error: --case no\/such matches nothing/)],
  });
  expect(await run(...url, '--report', `json=${folder}/no/such`)).toMatchObject({
    exitCode: 2,
    warnings: [expect.stringMatching(/^error: cannot write/)],
  });
});
