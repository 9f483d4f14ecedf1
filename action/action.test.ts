import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../base/package.ts';
import { filled, holds } from './testing/expression.ts';
import { FakeGitHub } from './testing/fake-github.ts';
import { type ActionOutcome, runAction } from './testing/run-action.ts';

const root = packageRoot();
const runtime = `${process.execPath} ${join(root, 'dist/runtime/main.js')}`;
const faulty = `${process.execPath} ${join(root, 'dist/proof/harness/faulty-runtime.js')} any-path`;
/** Two cases, of which the faulty runtime fails one. */
const cases = { arguments: '--case\nhealth/ok\n--case\ncalls/unknown-path\n' };
const timeout = { timeout: 120_000 };

let github: FakeGitHub;
let folder: string;

beforeEach(async () => {
  github = await FakeGitHub.start();
  folder = await mkdtemp(join(tmpdir(), 'action-'));
});

afterEach(async () => {
  await github[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Returns the names of the badges in a site, without those of the eras. */
function badgesIn(site: string): readonly string[] {
  return readdirSync(site, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\/badge\.\w+$/.test(path))
    .map((path) => basename(path))
    .sort();
}

/** Runs the action for a push to main. */
function push(inputs: Readonly<Record<string, string>>): Promise<ActionOutcome> {
  const facts = { event_name: 'push', ref_name: 'main', run_id: '1', run_attempt: '1' };
  return runAction({ folder, inputs, github: facts, event: {}, api: github.url });
}

/** Runs the action for the pull request 7 against main, with comments. */
function pull(inputs: Readonly<Record<string, string>>): Promise<ActionOutcome> {
  const facts = {
    event_name: 'pull_request',
    base_ref: 'main',
    ref_name: '7/merge',
    run_id: '2',
    run_attempt: '1',
  };
  const more = { comment: 'true', token: github.token };
  const event = { pull_request: { number: 7 } };
  return runAction({ folder, inputs: { ...more, ...inputs }, github: facts, event, api: github.url });
}

describe('the action, step by step', () => {
  test('reports a push, and comments on what a pull request changes', timeout, async () => {
    const pushed = await push({ ...cases, command: runtime });
    expect(pushed).toMatchObject({ code: 0, summary: expect.stringMatching(/^# MCP runtime conformance\n/) });
    expect(pushed.summary).toContain('🟩 passed');
    expect(pushed.summary).toContain('[Artifact mcp-runtime-conformance](https://github.com/acme/runtime/');
    expect(pushed.ran).not.toContain('Comment on the pull request');
    expect(readdirSync(join(folder, '.stored/artifacts/mcp-runtime-conformance')).sort()).toEqual(
      expect.arrayContaining([
        'conformance.html',
        'conformance.json',
        'conformance.md',
        'conformance.svg',
        'conformance.xml',
      ]),
    );
    expect(badgesIn(join(folder, '.stored/artifacts/mcp-runtime-conformance/site'))).toEqual([
      'badge.json',
      'badge.svg',
    ]);

    const worse = await pull({ ...cases, command: faulty });
    expect(worse.code).toBe(1);
    expect(worse.output).toContain('comment on pull request 7: created');
    expect(worse.summary).toContain('calls/unknown-path');
    const [{ body = '' } = {}] = github.comments;
    expect(body).toMatch(/^<!-- mcp-runtime-conformance: mcp-runtime-conformance -->\n/);
    expect(body).toContain('calls/unknown-path');
    expect(body).toContain('[The report of this run](https://github.com/acme/runtime/actions/runs/2)');

    const mended = await pull({ ...cases, command: runtime });
    expect(mended).toMatchObject({ code: 0, output: expect.stringContaining('pull request 7: updated') });
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).not.toContain('calls/unknown-path');
  });

  test('does not comment on a pull request without changes', timeout, async () => {
    await push({ ...cases, command: runtime });
    expect(await pull({ ...cases, command: runtime })).toMatchObject({
      code: 0,
      output: expect.stringContaining('comment on pull request 7: not needed'),
    });
    expect(github.comments).toEqual([]);
  });

  test('needs no report of the base branch, and no comment without the input', timeout, async () => {
    const first = await pull({ ...cases, command: runtime });
    expect(first).toMatchObject({
      code: 0,
      output: expect.stringContaining('no earlier report of the base branch'),
    });
    await push({ ...cases, command: runtime });
    await pull({ ...cases, command: runtime, comment: 'false' });
    expect(github.requests).toEqual([]);
  });

  test('only warns if the reports cannot be compared', timeout, async () => {
    await push({ ...cases, command: runtime });
    const changed = await pull({ ...cases, targets: `one=command:${runtime}` });
    expect(changed.code).toBe(0);
    expect(changed.output).toContain('::warning title=no comparison::');
    expect(github.comments).toEqual([]);
  });
});

describe('shards', () => {
  test('of a matrix are merged by another job, with one verdict and one comment', timeout, async () => {
    const targets = `one=command:${runtime}\ntwo=command:${faulty}\n`;
    const all = { ...cases, targets };
    await push({ ...all, targets: `one=command:${runtime}\ntwo=command:${runtime}\n`, artifact: 'all' });
    for (const shard of ['1/2', '2/2']) {
      const outcome = await pull({ ...all, shard, artifact: `shard-${shard[0]}` });
      expect(outcome.ran).not.toContain('Compare with the base branch');
    }
    const merged = await pull({ merge: '.stored/artifacts/shard-*/conformance.json\n', artifact: 'all' });
    expect(merged.output).toContain('merged 2 reports');
    expect(merged).toMatchObject({ code: 1, summary: expect.stringContaining('calls/unknown-path') });
    expect(github.comments).toMatchObject([{ body: expect.stringContaining('two: calls/unknown-path') }]);
    expect(readdirSync(join(folder, '.stored/artifacts/all'))).toEqual(
      expect.arrayContaining([
        'conformance.html',
        'conformance.json',
        'conformance.md',
        'conformance.svg',
        'conformance.xml',
      ]),
    );
  });

  test.each([
    [{ merge: 'no/such/*.json' }, '::error::merge matches no file: no/such/*.json'],
    [
      { merge: '*.json', command: 'x' },
      '::error::merge cannot be combined with a target, a configuration or shard',
    ],
  ])('report invalid inputs: %j', async (inputs, message) => {
    const { code, output } = await push(inputs);
    expect(output).toContain(message);
    expect(code).toBe(2);
  });
});

describe('the simulation of the runner', () => {
  const values = { 'inputs.a': 'x', 'steps.b.outcome': 'success' };

  test('replaces expressions', () => {
    expect(filled('1 ${{ inputs.a }} ${{inputs.b}}2', values)).toBe('1 x 2');
  });

  test.each<[string, boolean, boolean]>([
    ["inputs.a == 'x'", false, true],
    ["inputs.a == 'x'", true, false],
    ["always() && inputs.a != 'x'", true, false],
    ["always() && steps.b.outcome == 'success' && (inputs.b == 'x' || inputs.a != '')", true, true],
  ])('evaluates %s after a failure: %s', (condition, failed, expected) => {
    expect(holds(condition, values, failed)).toBe(expected);
  });

  test('rejects unknown syntax', () => {
    expect(() => holds('contains(inputs.a, 1)', values, false)).toThrow('unknown syntax');
  });
});

test('action.yml pins each action to the same commit as our workflows, with its version in a comment', () => {
  const pins = [...readFileSync(join(root, 'action.yml'), 'utf8').matchAll(/uses: ([^@\s]+)@(.*)/g)];
  const workflows = ['ci.yml', 'release.yml'].map((name) =>
    readFileSync(join(root, '.github/workflows', name), 'utf8'),
  );
  expect(pins.length).toBeGreaterThan(0);
  for (const [use, action = '', pin = ''] of pins) {
    expect(pin, action).toMatch(/^[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    if (!action.startsWith('actions/cache')) expect(workflows.join()).toContain(use);
  }
  const caches = pins.filter(([, action = '']) => action.startsWith('actions/cache'));
  expect(new Set(caches.map(([, , pin]) => pin)).size).toBe(1);
});
