import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../base/package.ts';
import { changedModule, ownModule } from '../../proto-check/testing/changed-module.ts';
import { runWords } from '../testing/run-words.ts';

const timeout = { timeout: 60_000 };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proto-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const run = (words: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  runWords(['proto', ...words], { environment });

const selected = ['--case', 'calls/path-of-a-server', '--case', 'health/ok', '--case', 'sessions/close*'];
const target = ['--target', 'one=embedded'];

async function report(file: string): Promise<Readonly<Record<string, never>>> {
  const document = JSON.parse(await readFile(file, 'utf8'));
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false });
  addFormats.default(ajv);
  for (const name of ['report', 'matrix', 'proto-check']) {
    const path = join(packageRoot(), `conformance/schemas/${name}.v1.schema.json`);
    ajv.addSchema(JSON.parse(readFileSync(path, 'utf8')));
  }
  const validate = ajv.getSchema('urn:mcp-runtime-conformance:proto-check:1');
  expect(validate?.(document), JSON.stringify(validate?.errors)).toBe(true);
  return document;
}

test('accepts an added field', timeout, async () => {
  await using changed = await changedModule(
    'string session_id = 9;',
    'string session_id = 9;\n  string tenant = 10;',
  );
  const { exitCode, output, warnings } = await run([
    ...['check', '--against', ownModule, '--proto', changed.folder],
    ...[...target, ...selected],
  ]);
  expect(warnings).toEqual([]);
  expect(output).toMatch(
    /\ncompatible: no lint findings, no breaking changes, 29 vectors read identically;\s+1 of 1\s+implementations\s+pass\s+the\s+selected\s+cases: \d+ cases, \d+ clauses\n/,
  );
  expect(exitCode).toBe(0);
});

test('reports the cases that callers fail after a field was renumbered', timeout, async () => {
  await using changed = await changedModule('string server_id = 6;', 'string server_id = 16;');
  const files = {
    json: join(folder, 'p.json'),
    junit: join(folder, 'p.xml'),
    markdown: join(folder, 'p.md'),
  };
  const { exitCode, output } = await run([
    ...['check', '--against', ownModule, '--proto', changed.folder, ...target, ...selected],
    ...['--report', `json=${files.json},junit=${files.junit},markdown=${files.markdown}`],
  ]);
  expect(exitCode).toBe(1);
  expect(output).toMatch(/\nWIRE \S+mcp_runtime\.proto:\d+:1 {2}McpRequest\.server_id\n/);
  expect(output).toMatch(/\n {2}one +callers of the changed module fail 1 of \d+ cases \(RPC-8, RPC-6\)\n/);
  const document = await report(files.json);
  expect(document).toMatchObject({
    kind: 'proto-check',
    verdict: { exitCode: 1 },
    touched: [{ name: 'one', kind: 'cases', cases: ['calls/path-of-a-server'], clauses: ['RPC-8', 'RPC-6'] }],
    breaks: [{ layer: 'wire', element: 'McpRequest.server_id', implementations: [{ name: 'one' }] }],
  });
  expect(await readFile(files.junit, 'utf8')).toContain(
    '<testcase classname="proto breaking" name="wire McpRequest.server_id"',
  );
  expect(await readFile(files.markdown, 'utf8')).toContain('## On the wire: McpRequest.server\\_id');
});

test('reports the cases that fail for callers after a method is removed', timeout, async () => {
  await using changed = await changedModule(/\s*rpc CloseSession.*;/, '');
  const { exitCode, output } = await run(
    ['check', '--against', ownModule, '--proto', changed.folder, ...target, ...selected],
    { GITHUB_ACTIONS: 'true' },
  );
  expect(exitCode).toBe(1);
  expect(output).toMatch(/callers of the changed module fail [1-9]\d* of \d+ cases \([^\n]*SESSION-4/);
  expect(output).toMatch(
    /\n::error file=\S+mcp_runtime\.proto,line=10,title=breaking change \(wire\) rpc CloseSession::/,
  );
});

test('checks only the modules with --modules-only', timeout, async () => {
  const release = join(ownModule, 'releases/1.0.txtpb');
  const { exitCode, output } = await run([
    'check',
    '--against',
    release,
    '--proto',
    ownModule,
    '--modules-only',
  ]);
  expect(output).toContain(
    'compatible: no lint findings, no breaking changes, 29 vectors read identically;\nsuite not run',
  );
  expect(exitCode).toBe(0);
});

test('has no verdict if a target cannot be tested', timeout, async () => {
  const { exitCode, output } = await run([
    ...['check', '--against', ownModule, '--proto', ownModule],
    ...['--target', 'gone=command:/no/such/program', ...selected],
  ]);
  expect(output).toContain(
    '\nno verdict: no verdict on gone; 0 of 1 implementations pass the selected cases\n',
  );
  expect(exitCode).toBe(3);
});

describe('invalid usage', () => {
  test.each<[readonly string[], string]>([
    [[], 'error: use proto check --against REF|FILE'],
    [['chek'], 'error: use proto check --against REF|FILE, not proto chek'],
    [['check'], 'error: proto check needs --against: a git ref, file or folder with the old module'],
    [['check', '--agianst', 'x'], 'error: unknown option --agianst; did you mean --against?'],
    [['check', '--against', '/', '--proto', '/no/such'], 'error: /no/such: there is no such folder'],
  ])('rejects %j', async (words, message) => {
    expect(await run(words)).toEqual({ exitCode: 2, output: '', warnings: [message] });
  });
});
