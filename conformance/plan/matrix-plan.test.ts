import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { parseConfig } from './config-file.ts';
import { defaultTogether } from './defaults.ts';
import { makeMatrixPlan } from './matrix-plan.ts';

let folder: string;
let config: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plan-'));
  config = join(folder, 'kit.yaml');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('takes settings from the configuration if the command line has none', async () => {
  await writeFile(join(folder, 'known.yaml'), '- case: health/ok\n  reason: x\n');
  await writeFile(
    config,
    `level: core
era: both
capabilities: [stream-head]
fail-on-skip: true
timeout: 3
ready-timeout: 9
concurrency: 2
together: 5
targets:
  ts: { embedded: empty, capabilities: [resume, stream-head], known-failures: known.yaml }
  go: { command: ./go, args: [--x], env: { A: 1 } }
`,
  );
  const plan = await makeMatrixPlan({ config });
  expect(plan).toMatchObject({ level: 'core', together: 5 });
  expect(plan.cases.some(({ level }) => level === 'strict')).toBe(false);
  const [ts, go] = plan.targets;
  expect(ts).toMatchObject({ name: 'ts', target: { kind: 'embedded', catalog: 'empty' } });
  expect(ts?.plan).toMatchObject({
    request: { caseTimeoutMs: 3_000, keepWire: true },
    readyTimeoutMs: 9_000,
    concurrency: 2,
    settings: {
      level: 'core',
      era: 'both',
      capabilities: ['stream-head', 'resume', 'mcp-2026-07-28'],
      failOnSkip: true,
    },
  });
  expect([...(ts?.plan.failures.known ?? [])]).toEqual([['health/ok', { reason: 'x' }]]);
  expect(go).toMatchObject({ target: { kind: 'command', command: './go', args: ['--x'], env: ['A=1'] } });
  expect(go?.plan.failures.known.size).toBe(0);
});

test('prefers the command line over the configuration', async () => {
  await writeFile(
    config,
    'level: core\ntogether: 5\ntimeout: 3\ntargets:\n  ts: { embedded: empty }\n  go: { command: x }\n',
  );
  const plan = await makeMatrixPlan({
    config,
    level: 'strict',
    together: 1,
    caseTimeoutMs: 4_000,
    targets: ['go', 'mine=socket:/run/x.sock'],
    suites: ['health'],
  });
  expect(plan.targets.map(({ name, target }) => [name, target.kind])).toEqual([
    ['go', 'command'],
    ['mine', 'socket'],
  ]);
  expect(plan).toMatchObject({ level: 'strict', together: 1 });
  expect(plan.targets[0]?.plan.request).toMatchObject({
    caseTimeoutMs: 4_000,
    suites: ['health'],
  });
});

test('uses defaults without a configuration, and the fallback without a target', async () => {
  const fallback = [
    { name: 'own', target: { kind: 'embedded', catalog: 'conformance' }, capabilities: [] },
  ] as const;
  const plan = await makeMatrixPlan({}, { folder, fallback });
  expect(plan).toMatchObject({ level: 'strict', together: defaultTogether });
  expect(plan.targets.map(({ name }) => name)).toEqual(['own']);
  expect(plan.targets[0]?.plan).toMatchObject({
    concurrency: 16,
    readyTimeoutMs: 30_000,
    settings: { failOnSkip: false },
  });
  expect((await makeMatrixPlan({}, { folder })).targets).toEqual([]);
});

test('finds the configuration in the working folder', async () => {
  const plan = await makeMatrixPlan({}, { folder: packageRoot() });
  expect(plan.targets.map(({ name, target }) => [name, target.kind])).toEqual([
    ['typescript', 'image'],
    ['rust', 'image'],
    ['go', 'image'],
  ]);
});

test('accepts the example in the documentation', async () => {
  const text = await readFile(join(packageRoot(), 'docs/matrix.md'), 'utf8');
  const example = /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
  const { targets } = parseConfig(config, new TextEncoder().encode(example));
  expect([...targets.keys()]).toEqual(['ts', 'go', 'rust']);
  expect(targets.get('go')?.target).toMatchObject({ env: ['GOMAXPROCS=2', 'TOKEN'] });
});
