import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { loadClauses } from '../load/clauses.ts';
import { bufPlaces, findBuf, runProgram } from './buf.ts';
import { checkModule, type ModuleCheck } from './proto-check.ts';
import { changedModule, ownModule } from './testing/changed-module.ts';

const signal = new AbortController().signal;
const timeout = { timeout: 30_000 };

async function check(proto: string, against = ownModule): Promise<ModuleCheck> {
  const buf = await findBuf(bufPlaces(packageRoot(), ''));
  return checkModule({ proto, against, buf, signal, clauses: await loadClauses(packageRoot()) });
}

/** The text of a line, so that no expectation counts the lines of the module. */
function lineOf(file: string, line: number): string | undefined {
  return readFileSync(file, 'utf8').split('\n')[line - 1]?.trim();
}

/** The breaks, each with the line that it is told at, and how many vectors are read how. */
function summaryOf({ breaks, vectors }: ModuleCheck): object {
  const counts: Record<string, number> = {};
  for (const { outcome } of vectors) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return {
    breaks: breaks.map(({ layer, name, file, line }) => `${layer} ${name}: ${lineOf(file, line)}`),
    vectors: counts,
  };
}

describe('a change is judged by what programs on both sides of it see', () => {
  test.each<[string, string | RegExp, string, object]>([
    [
      'a renumbered field',
      'string method = 1;',
      'string method = 21;',
      { breaks: ['wire McpRequest.method: message McpRequest {'], vectors: { same: 22, wire: 7 } },
    ],
    [
      'a type of other bytes',
      'int32 status = 1;',
      'string status = 1;',
      { breaks: ['wire McpResponse.status: string status = 1;'], vectors: { same: 26, wire: 3 } },
    ],
    [
      'a type of the same bytes, but of other JSON',
      'int32 status = 1;',
      'int64 status = 1;',
      { breaks: ['json McpResponse.status: int64 status = 1;'], vectors: { same: 26, json: 3 } },
    ],
    [
      'a removed RPC',
      /\s*rpc CloseSession.*;/,
      '',
      { breaks: ['wire rpc CloseSession: service McpRuntime {'], vectors: { same: 29 } },
    ],
    [
      'a renamed field',
      'string server_id = 6;',
      'string scope_id = 6;',
      { breaks: ['json McpRequest.server_id: string scope_id = 6;'], vectors: { same: 27, json: 2 } },
    ],
    [
      'a removed field, its number reserved',
      'bool affinity_forwarded = 8;',
      'reserved 8;\n  reserved "affinity_forwarded";',
      {
        breaks: ['wire McpRequest.affinity_forwarded: message McpRequest {'],
        vectors: { same: 27, wire: 2 },
      },
    ],
    [
      'another package',
      'package contextforge.mcp.runtime.v1;',
      'package contextforge.mcp.runtime.v2;',
      { breaks: ['wire package: package contextforge.mcp.runtime.v2;'], vectors: { same: 29 } },
    ],
    [
      'a map with values of other bytes',
      'map<string, string> headers = 5;',
      'map<string, int32> headers = 5;',
      {
        breaks: ['wire McpRequest.headers: map<string, int32> headers = 5;'],
        vectors: { same: 21, wire: 8 },
      },
    ],
    [
      'a map with values of the same bytes, but of other JSON',
      'map<string, string> headers = 2;',
      'map<string, bytes> headers = 2;',
      {
        breaks: ['json McpResponse.headers: map<string, bytes> headers = 2;'],
        vectors: { same: 28, json: 1 },
      },
    ],
    [
      'an RPC that answers with a stream',
      'returns (HealthResponse);',
      'returns (stream HealthResponse);',
      {
        breaks: ['wire rpc HealthCheck: rpc HealthCheck(HealthRequest) returns (stream HealthResponse);'],
        vectors: { same: 29 },
      },
    ],
    [
      'an added field',
      'string session_id = 9;',
      'string session_id = 9;\n  string tenant = 10;',
      { breaks: [], vectors: { same: 29 } },
    ],
    [
      'an added RPC',
      'rpc CloseSession',
      'rpc Watch(HealthRequest) returns (stream HealthResponse);\n  rpc CloseSession',
      { breaks: [], vectors: { same: 29 } },
    ],
    ['another comment', 'HTTP DELETE', 'DELETE of HTTP', { breaks: [], vectors: { same: 29 } }],
  ])('%s', timeout, async (_, from, to, summary) => {
    await using changed = await changedModule(from, to);
    expect(summaryOf(await check(changed.folder))).toEqual(summary);
  });

  test(
    'several at once, each at its place, with the clauses and vectors that it is about',
    timeout,
    async () => {
      await using changed = await changedModule(
        /string path = 2;[\s\S]*?string query = 3;/,
        'bytes path = 12;\n  string query = 3;\n  string mark = 10;',
      );
      const { breaks, translation } = await check(changed.folder);
      expect(breaks.map(({ name, clauses }) => [name, clauses.slice(0, 2)])).toEqual([
        ['McpRequest.path', ['RPC-6', 'RPC-8']],
      ]);
      expect(breaks[0]?.rules).toContain('FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED');
      expect(breaks[0]?.file).toBe(join(changed.folder, 'contextforge/mcp/runtime/v1/mcp_runtime.proto'));
      expect(breaks[0]?.vectors.map(({ name }) => name)).toContain('request-full');
      expect(translation?.differences).toEqual(['McpRequest.path is scalar bytes 12']);
    },
  );
});

test('lint findings have their places', timeout, async () => {
  await using changed = await changedModule(
    'string session_id = 9;',
    'string session_id = 9;\n  string Tenant = 10;',
  );
  const { lint } = await check(changed.folder);
  expect(lint.map(({ rule, file, line }) => [rule, lineOf(file, line)])).toEqual([
    ['FIELD_LOWER_SNAKE_CASE', 'string Tenant = 10;'],
  ]);
});

describe('what it is held against', () => {
  test('the release of which the kit keeps an image', timeout, async () => {
    const { breaks, vectors, against } = await check(ownModule, join(ownModule, 'releases/1.0.txtpb'));
    expect(breaks).toEqual([]);
    expect(new Set(vectors.map(({ outcome }) => outcome))).toEqual(new Set(['same']));
    expect(against).toMatch(/1\.0\.txtpb$/);
  });

  test('a .proto by itself', timeout, async () => {
    await using changed = await changedModule('string method = 1;', 'string method = 21;');
    const file = join(changed.folder, 'contextforge/mcp/runtime/v1/mcp_runtime.proto');
    expect(summaryOf(await check(ownModule, file))).toMatchObject({
      breaks: ['wire McpRequest.method: message McpRequest {'],
    });
  });

  test('a commit of the repository that the module is in', timeout, async () => {
    await using changed = await changedModule('string method = 1;', 'string method = 21;');
    const git = (...args: readonly string[]) => runProgram('git', args, { cwd: changed.folder, signal });
    const author = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
    await git('init', '-q');
    await git('add', '.');
    expect(await git(...author, 'commit', '-q', '-m', 'first')).toMatchObject({ code: 0 });
    await runProgram('cp', ['-r', join(ownModule, 'contextforge'), changed.folder], { cwd: '/', signal });
    const { breaks, against } = await check(changed.folder, 'HEAD');
    expect(against).toMatch(/^HEAD \([0-9a-f]{9}\)$/);
    expect(breaks.map(({ name }) => name)).toEqual(['McpRequest.method']);
    await expect(check(changed.folder, 'v1.0')).rejects.toThrow(
      `--against v1.0: there is no such file, and no such commit in the repository of ${changed.folder}`,
    );
  });
});

describe('mistakes', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'proto-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test('a module that does not compile is told with the place', timeout, async () => {
    await writeFile(join(folder, 'a.proto'), 'syntax = "proto3";\npackage a;\nmessage A { strin b = 1; }\n');
    await expect(check(folder)).rejects.toThrow(`${join(folder, 'a.proto')}:3:13 cannot find`);
  });

  test('another contract', timeout, async () => {
    await writeFile(join(folder, 'a.proto'), 'syntax = "proto3";\npackage a;\nmessage A { string b = 1; }\n');
    await expect(check(ownModule, folder)).rejects.toThrow(
      'the old module has none of the messages of the contract',
    );
  });

  test('an empty folder, and one that is not there', timeout, async () => {
    await mkdir(join(folder, 'empty'));
    await expect(check(join(folder, 'empty'))).rejects.toThrow('there is no .proto file in this folder');
    await expect(check(join(folder, 'none'))).rejects.toThrow('there is no such folder');
  });

  test('something that is no module', timeout, async () => {
    await writeFile(join(folder, 'notes.md'), 'hello');
    await writeFile(join(folder, 'x.binpb'), 'hello');
    await expect(check(ownModule, join(folder, 'notes.md'))).rejects.toThrow(
      'that is no .proto file, no image',
    );
    await expect(check(ownModule, join(folder, 'x.binpb'))).rejects.toThrow('x.binpb: not an image: ');
  });

  test('without buf it says how to get it', async () => {
    await expect(findBuf({ modules: [join(folder, 'package.json')], path: folder })).rejects.toThrow(
      'proto check needs buf, which is not here: npm install --save-dev @bufbuild/buf, or put the program buf on the PATH',
    );
  });
});
