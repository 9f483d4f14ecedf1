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

/** Returns the text of a line, so that expectations do not depend on line numbers. */
function lineOf(file: string, line: number): string | undefined {
  return readFileSync(file, 'utf8').split('\n')[line - 1]?.trim();
}

/** Summarizes a check: the breaking changes with the text of their lines, and the number of vectors by outcome. */
function summaryOf({ breaks, vectors, added }: ModuleCheck): object {
  const counts: Record<string, number> = {};
  for (const { outcome } of vectors) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return {
    breaks: breaks.map(({ layer, name, file, line }) => `${layer} ${name}: ${lineOf(file, line)}`),
    vectors: counts,
    ...(added.length === 0 ? {} : { added }),
  };
}

describe('a change is judged by its effect on programs on both sides', () => {
  test.each<[string, string | RegExp, string, object]>([
    [
      'a renumbered field',
      'string method = 1;',
      'string method = 21;',
      { breaks: ['wire McpRequest.method: string method = 21;'], vectors: { same: 22, wire: 7 } },
    ],
    [
      'a type with a different wire encoding',
      'int32 status = 1;',
      'string status = 1;',
      { breaks: ['wire McpResponse.status: string status = 1;'], vectors: { same: 26, wire: 3 } },
    ],
    [
      'a type with the same wire encoding but different JSON',
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
      'a removed field with a reserved number',
      'bool affinity_forwarded = 8;',
      'reserved 8;\n  reserved "affinity_forwarded";',
      {
        breaks: ['wire McpRequest.affinity_forwarded: message McpRequest {'],
        vectors: { same: 27, wire: 2 },
      },
    ],
    [
      'a renamed package',
      'package contextforge.mcp.runtime.v1;',
      'package contextforge.mcp.runtime.v2;',
      { breaks: ['wire package: package contextforge.mcp.runtime.v2;'], vectors: { same: 29 } },
    ],
    [
      'a map whose values have a different wire encoding',
      'map<string, string> headers = 5;',
      'map<string, int32> headers = 5;',
      {
        breaks: ['wire McpRequest.headers: map<string, int32> headers = 5;'],
        vectors: { same: 21, wire: 8 },
      },
    ],
    [
      'a map whose values have the same wire encoding but different JSON',
      'map<string, string> headers = 2;',
      'map<string, bytes> headers = 2;',
      {
        breaks: ['json McpResponse.headers: map<string, bytes> headers = 2;'],
        vectors: { same: 28, json: 1 },
      },
    ],
    [
      'an RPC with a streaming response',
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
      { breaks: [], vectors: { same: 29 }, added: ['field McpRequest.tenant = 10'] },
    ],
    [
      'an added RPC',
      'rpc CloseSession',
      'rpc Watch(HealthRequest) returns (stream HealthResponse);\n  rpc CloseSession',
      { breaks: [], vectors: { same: 29 }, added: ['RPC Watch'] },
    ],
    ['a changed comment', 'HTTP DELETE', 'DELETE of HTTP', { breaks: [], vectors: { same: 29 } }],
  ])('%s', timeout, async (_, from, to, summary) => {
    await using changed = await changedModule(from, to);
    expect(summaryOf(await check(changed.folder))).toEqual(summary);
  });

  test('locates several changes, each with its clauses and vectors', timeout, async () => {
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
  });
});

test('reports lint findings with their positions', timeout, async () => {
  await using changed = await changedModule(
    'string session_id = 9;',
    'string session_id = 9;\n  string Tenant = 10;',
  );
  const { lint } = await check(changed.folder);
  expect(lint.map(({ rule, file, line }) => [rule, lineOf(file, line)])).toEqual([
    ['FIELD_LOWER_SNAKE_CASE', 'string Tenant = 10;'],
  ]);
});

test('says where a field moved that buf reports as deleted', timeout, async () => {
  await using changed = await changedModule('string method = 1;', 'string method = 21;');
  const { breaks } = await check(changed.folder);
  expect(breaks.map(({ message }) => message)).toEqual(['The field method moved from 1 to 21.']);
});

describe('the old module', () => {
  test('can be the image of a release', timeout, async () => {
    const { breaks, vectors, against } = await check(ownModule, join(ownModule, 'releases/1.0.txtpb'));
    expect(breaks).toEqual([]);
    expect(new Set(vectors.map(({ outcome }) => outcome))).toEqual(new Set(['same']));
    expect(against).toMatch(/1\.0\.txtpb$/);
  });

  test('can be a single .proto file', timeout, async () => {
    await using changed = await changedModule('string method = 1;', 'string method = 21;');
    const file = join(changed.folder, 'contextforge/mcp/runtime/v1/mcp_runtime.proto');
    expect(summaryOf(await check(ownModule, file))).toMatchObject({
      breaks: ['wire McpRequest.method: string method = 1;'],
    });
  });

  test('can be a commit of the repository that contains the module', timeout, async () => {
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

describe('invalid input', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'proto-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test('reports the position of a compile error', timeout, async () => {
    await writeFile(join(folder, 'a.proto'), 'syntax = "proto3";\npackage a;\nmessage A { strin b = 1; }\n');
    await expect(check(folder)).rejects.toThrow(`${join(folder, 'a.proto')}:3:13 cannot find`);
  });

  test('rejects a module of a different contract', timeout, async () => {
    await writeFile(join(folder, 'a.proto'), 'syntax = "proto3";\npackage a;\nmessage A { string b = 1; }\n');
    await expect(check(ownModule, folder)).rejects.toThrow(
      'the old module contains no message of the contract',
    );
  });

  test('rejects an empty folder and a missing folder', timeout, async () => {
    await mkdir(join(folder, 'empty'));
    await expect(check(join(folder, 'empty'))).rejects.toThrow('this folder contains no .proto file');
    await expect(check(join(folder, 'none'))).rejects.toThrow('there is no such folder');
  });

  test('rejects files that are not modules', timeout, async () => {
    await writeFile(join(folder, 'notes.md'), 'hello');
    await writeFile(join(folder, 'x.binpb'), 'hello');
    await expect(check(ownModule, join(folder, 'notes.md'))).rejects.toThrow(
      'expected a .proto file, an image',
    );
    await expect(check(ownModule, join(folder, 'x.binpb'))).rejects.toThrow('x.binpb: not an image: ');
  });

  test('explains how to install a missing buf', async () => {
    await expect(findBuf({ modules: [join(folder, 'package.json')], path: folder })).rejects.toThrow(
      'proto check requires buf: run npm install --save-dev @bufbuild/buf, or put buf on the PATH',
    );
  });
});
