import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../base/package.ts';
import { makeFolderPlace } from '../../../runners/socket-place.ts';
import type { RunResult } from '../../engine/result.ts';
import { judge } from '../../judge/verdict.ts';
import { loadClauses } from '../../load/clauses.ts';
import { loadGatewayCases } from '../../load/load.ts';
import { checkGateway, type GatewayRunOptions } from './check-gateway.ts';
import { serveNaiveGateway } from './testing/naive-gateway.ts';

const cases = await loadGatewayCases(await loadClauses(packageRoot()));

function options(url: URL, socketPath: string, ids: readonly string[]): GatewayRunOptions {
  return {
    label: 'gateway under test',
    socketPath,
    facilities: { url, fields: [], hasFallback: false },
    cases: cases.filter(({ id }) => ids.includes(id)),
    settings: { level: 'strict', capabilities: [], narrowed: true, failOnSkip: true },
    caseTimeoutMs: 5000,
    readyTimeoutMs: 3000,
    keepWire: false,
    knownFailures: new Map(),
    signal: new AbortController().signal,
    listener: {},
  };
}

const kindOf = ({ results }: RunResult, wanted: string) =>
  results.filter(({ outcome }) => outcome.kind === wanted).map((result) => result.case.id);

describe('a naive gateway', () => {
  let result: RunResult;
  const sound = [
    'calls/post',
    'calls/delete',
    'answers/on-delete',
    'limits/one-mebibyte',
    'header-fields/pass',
  ];
  const broken = [
    'answers/caller-gone',
    'answers/hop-by-hop',
    'answers/impossible-status',
    'calls/get',
    'calls/other-methods',
    'calls/other-paths',
    'calls/server-id',
    'failures/every-status',
    'identity/other-hosts',
    'limits/announced-too-long',
  ];
  /** It turns GET into Invoke, a fault that calls/get catches. */
  const blocked = ['streams/without-head'];

  beforeAll(async () => {
    await using place = await makeFolderPlace();
    await using gateway = await serveNaiveGateway(place.hostPath);
    result = await checkGateway(options(gateway.url, place.hostPath, [...sound, ...broken, ...blocked]));
  }, 60_000);

  test('passes the ordinary cases and fails the others', () => {
    expect(kindOf(result, 'passed').sort()).toEqual([...sound].sort());
    expect(kindOf(result, 'failed').sort()).toEqual([...broken].sort());
    expect(kindOf(result, 'blocked')).toEqual(blocked);
    expect(judge(result)).toMatchObject({ exitCode: 1, conformant: false });
  });

  test('gets a precise summary of each failure', () => {
    const failures = new Map(
      result.results.flatMap(({ case: head, outcome }) =>
        outcome.kind === 'failed' ? [[head.id, outcome.failure] as const] : [],
      ),
    );
    expect(failures.get('calls/get')?.summary).toMatch(/^\/rpc: expected "InvokeStream", got "Invoke"/);
    expect(failures.get('calls/other-paths')?.summary).toBe('unexpected call: Invoke POST /');
    expect(failures.get('failures/every-status')).toMatchObject({
      summary: expect.stringMatching(/^\/status: expected 502, got 500/),
      step: { verb: 'fails', file: 'fixtures/gateway/failures.yaml' },
    });
    expect(failures.get('answers/caller-gone')?.summary).toBe(
      'the case timed out waiting for the gateway to cancel the call (goes)',
    );
    expect(result.results.find(({ case: head }) => head.id === 'calls/get')?.wire.length).toBeGreaterThan(3);
  });
});

/** The 502 response of gateways of contract release 1.0. */
const unavailable = JSON.stringify({
  jsonrpc: '2.0',
  id: null,
  error: { code: -32000, message: 'Runtime unavailable' },
});

describe('a gateway that answers 502 with "Runtime unavailable"', () => {
  test('has no finding about the text', async () => {
    const ids = [
      'failures/every-status',
      'failures/no-detail',
      'failures/no-detail-of-a-status',
      'calls/post',
    ];
    await using place = await makeFolderPlace();
    await using gateway = await serveNaiveGateway(place.hostPath, (response) =>
      response.writeHead(502, { 'content-type': 'application/json' }).end(unavailable),
    );
    const { results, target } = await checkGateway({
      ...options(gateway.url, place.hostPath, ids),
      settings: { level: 'strict', contract: '1.0', capabilities: [], narrowed: true, failOnSkip: true },
    });
    expect(target.contract).toEqual({ release: '1.0', origin: 'requested', leftOut: 0 });
    expect(results.map(({ case: { id }, outcome }) => [id, outcome.kind])).toEqual(
      cases.filter(({ id }) => ids.includes(id)).map(({ id }) => [id, 'passed']),
    );
  });
});

test('a run against release 1.0 leaves out the cases that play capabilities', async () => {
  await using place = await makeFolderPlace();
  await using gateway = await serveNaiveGateway(place.hostPath);
  const ids = ['calls/post', 'calls/post-as-stream', 'recovery/other-capabilities'];
  const { results, target } = await checkGateway({
    ...options(gateway.url, place.hostPath, ids),
    settings: { level: 'strict', contract: '1.0', capabilities: [], narrowed: true, failOnSkip: true },
  });
  expect(results.map(({ case: { id } }) => id)).toEqual(['calls/post']);
  expect(target.contract).toMatchObject({ leftOut: 2 });
});

describe('a run that cannot begin', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gateway-check-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const unusedUrl = new URL('http://127.0.0.1:9');

  test('rejects if no server listens at the URL', async () => {
    const run = checkGateway({
      ...options(unusedUrl, join(folder, 'a'), ['calls/post']),
      readyTimeoutMs: 200,
    });
    await expect(run).rejects.toMatchObject({
      code: 'gateway-not-ready',
      message: expect.stringMatching(
        /^an ordinary POST does not reach the socket and fails with ECONNREFUSED, at http/,
      ),
    });
  });

  test('rejects if another process is already listening on the socket', async () => {
    const path = join(folder, 'taken');
    const server = createServer().listen(path);
    try {
      await expect(checkGateway(options(unusedUrl, path, ['calls/post']))).rejects.toMatchObject({
        code: 'socket-taken',
        message: expect.stringContaining('another process is already listening there'),
      });
    } finally {
      server.close();
    }
  });

  test('rejects a socket path that is a regular file, and keeps the file', async () => {
    const path = join(folder, 'file');
    await writeFile(path, 'mine');
    await expect(checkGateway(options(unusedUrl, path, ['calls/post']))).rejects.toMatchObject({
      code: 'socket-taken',
      message: expect.stringContaining('it is a file'),
    });
  });
});
