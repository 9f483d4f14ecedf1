import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot, packageVersion } from '../../base/package.ts';

const root = packageRoot();

interface Step {
  readonly id?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
  readonly shell?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

const actionText = readFileSync(join(root, 'action.yml'), 'utf8');
const action: Action = parse(actionText, { strict: true });
const { steps } = action.runs;

function stepOf(id: string): Step & { readonly run: string; readonly env: Readonly<Record<string, string>> } {
  const step = steps.find((candidate) => candidate.id === id);
  if (step?.run === undefined || step.env === undefined)
    throw new Error(`the action has no script step ${id}`);
  return { ...step, run: step.run, env: step.env };
}

describe('action.yml', () => {
  test('is a composite action whose scripts specify their shell', () => {
    expect(action.runs.using).toBe('composite');
    for (const step of steps) expect(step.run === undefined || step.shell === 'bash').toBe(true);
  });

  test('defines, describes and uses every input', () => {
    const used = new Set([...actionText.matchAll(/\binputs\.([\w-]+)/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(action.inputs).sort());
    for (const input of Object.values(action.inputs)) {
      expect(input).toEqual({ description: expect.stringMatching(/\S/), default: expect.any(String) });
    }
  });

  test('passes inputs to scripts only as variables, to prevent injection', () => {
    for (const { run } of steps) expect(run ?? '').not.toContain('${{');
    const scripts = steps.filter((step) => step.run !== undefined && step.env !== undefined);
    for (const { run, env } of scripts) {
      for (const name of Object.keys(env ?? {})) expect(run).toContain(`$${name}`.replace('$', ''));
    }
  });

  test('declares the outputs that its steps write', () => {
    const written = [...stepOf('run').run.matchAll(/for kind in ([\w ]+);/g)].flatMap(([, kinds = '']) =>
      kinds.split(' '),
    );
    expect(Object.keys(action.outputs).sort()).toEqual(written.sort());
    for (const [name, { value }] of Object.entries(action.outputs)) {
      expect(value).toBe(`\${{ steps.run.outputs.${name} }}`);
    }
  });
});

describe("the action's scripts", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'action-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  /** Runs the script of a step like the GitHub runner, with the given values as inputs. */
  async function run(
    id: string,
    values: Readonly<Record<string, string>>,
  ): Promise<{ readonly code: number | null; readonly output: string }> {
    const { run: script, env } = stepOf(id);
    const unknown = Object.keys(values).filter((name) => !(name in env));
    expect(unknown).toEqual([]);
    const variables = Object.fromEntries(Object.keys(env).map((name) => [name, values[name] ?? '']));
    const { GITHUB_ACTIONS: _, ...own } = process.env;
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      cwd: folder,
      env: {
        ...own,
        ...variables,
        KIT: join(root, 'dist/cli/main.js'),
        REPORTS: 'reports here',
        ...('FAIL_ON_SKIP' in env ? { FAIL_ON_SKIP: values['FAIL_ON_SKIP'] ?? 'false' } : {}),
        GITHUB_OUTPUT: join(folder, 'output'),
        GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 60_000,
    });
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    return { code, output };
  }

  const runtime = `${process.execPath} ${join(root, 'dist/runtime/main.js')}`;
  const timeout = { timeout: 60_000 };

  test('check one runtime and write reports, outputs and a summary', timeout, async () => {
    const { code, output } = await run('run', {
      COMMAND: runtime,
      SUITES: 'health\n',
      LEVEL: 'core',
      CONTRACT: '1.1',
      ERA: 'legacy',
    });
    expect(output).toMatch(/(\d) of \1 selected cases passed/);
    expect(code).toBe(0);
    expect(await readFile(join(folder, 'output'), 'utf8')).toBe(
      [
        'json=reports here/conformance.json',
        'junit=reports here/conformance.xml',
        'markdown=reports here/conformance.md',
        'html=reports here/conformance.html',
        'svg=reports here/conformance.svg',
        '',
      ].join('\n'),
    );
    expect(
      JSON.parse(await readFile(join(folder, 'reports here/conformance.json'), 'utf8')).verdict.exitCode,
    ).toBe(0);
    expect(await readFile(join(folder, 'reports here/conformance.xml'), 'utf8')).toContain('<testsuites ');
    expect(await readFile(join(folder, 'summary'), 'utf8')).toContain('# MCP runtime conformance\n');
  });

  test('check a target of any kind, and a change to the proto module on it', timeout, async () => {
    const target = { TARGET: `command:${runtime}` };
    const { code, output } = await run('run', { ...target, SUITES: 'health\n' });
    expect(output).toMatch(/(\d) of \1 selected cases passed/);
    expect(code).toBe(0);
    const proto = join(root, 'proto');
    const missing = { AGAINST: proto, PROTO: proto, TARGET: 'command:/no/such' };
    expect(await run('proto', missing)).toMatchObject({ code: 3 });
  });

  test('check several targets and fail if one fails', timeout, async () => {
    const faulty = `${process.execPath} ${join(root, 'dist/proof/harness/faulty-runtime.js')} any-path`;
    const { code, output } = await run('run', {
      TARGETS: `one=embedded\ntwo=command:${faulty}\n`,
      ARGUMENTS: '--case\ncalls/unknown-path',
      FAIL_ON_SKIP: 'true',
    });
    expect(output).toContain('DISAGREE calls/unknown-path');
    expect(code).toBe(1);
  });

  test('check a change to the proto module', timeout, async () => {
    const proto = join(root, 'proto');
    const { code, output } = await run('proto', {
      AGAINST: proto,
      PROTO: proto,
      TARGETS: 'one=command:/no/such',
    });
    expect(output).toContain('no verdict');
    expect(code).toBe(3);
  });

  test('check the proto module with the settings of the run', timeout, async () => {
    const proto = join(root, 'proto');
    await writeFile(join(folder, 'known.yaml'), '- { case: health/ok, reason: an issue that was fixed }\n');
    const { code, output } = await run('proto', {
      AGAINST: proto,
      PROTO: proto,
      COMMAND: runtime,
      SUITES: 'health\n',
      CAPABILITIES: 'resume',
      KNOWN_FAILURES: 'known.yaml',
      FAIL_ON_SKIP: 'true',
    });
    expect(output).toContain('health/ok');
    expect(code).toBe(1);
  });

  test('require a name for an image to build', async () => {
    const { code, output } = await run('build', { CONTEXT: '.' });
    expect(output).toContain('::error::context requires image');
    expect(code).toBe(2);
  });

  test.each<[Readonly<Record<string, string>>, string]>([
    [{}, 'set one of image, command, target, targets or config'],
    [{ IMAGE: 'x', COMMAND: 'y' }, 'set one of image, command, target, targets or config'],
    [{ IMAGE: 'x', CONFIG: 'y' }, 'targets and config cannot be combined with image, command or target'],
    [{ COMMAND: 'x', FAIL_ON_SKIP: 'yes' }, 'fail-on-skip must be true or false, not yes'],
  ])('report invalid inputs: %j', async (values, message) => {
    const { code, output } = await run('run', values);
    expect(output).toContain(`::error::${message}`);
    expect(code).toBe(2);
  });
});

test('the GitHub example uses existing inputs and outputs of the action', () => {
  const workflow = parse(readFileSync(join(root, 'docs/ci/github.yml'), 'utf8'), { strict: true });
  expect(Object.keys(workflow)).toEqual(['name', 'on', 'permissions', 'jobs']);
  const uses: readonly Step[] = Object.values<{ steps: readonly Step[] }>(workflow.jobs)
    .flatMap((job) => job.steps)
    .filter((step) => step.uses?.includes('/mcp-runtime-conformance@'));
  expect(uses.length).toBeGreaterThan(0);
  const names = uses.flatMap((step) => Object.keys(step.with ?? {}));
  expect(names.filter((name) => !(name in action.inputs))).toEqual([]);
  const outputs = [...JSON.stringify(workflow).matchAll(/steps\.conformance\.outputs\.([\w-]+)/g)];
  expect(outputs.map(([, name = '']) => name).filter((name) => !(name in action.outputs))).toEqual([]);
});

test('the GitLab example consists of jobs with scripts', () => {
  const pipeline = parse(readFileSync(join(root, 'docs/ci/gitlab.yml'), 'utf8'), { strict: true });
  const { '.kit': kit, '.conformance': template, ...jobs } = pipeline;
  expect(template.extends).toBe('.kit');
  expect(template.artifacts.reports.junit).toBe('conformance.xml');
  for (const image of [kit.image, ...kit.services.map(({ name }: { name: string }) => name)]) {
    expect(image).toMatch(/:\d+\.\d+\.\d+-/);
  }
  for (const job of Object.values<{ extends: string; script: readonly string[] }>(jobs)) {
    expect(['.kit', '.conformance']).toContain(job.extends);
    expect(job.script.join(' ')).toContain(`mcp-runtime-conformance@${packageVersion()} `);
  }
});

test('the GitHub example names the version of the package, and the commits of other actions', () => {
  const text = readFileSync(join(root, 'docs/ci/github.yml'), 'utf8');
  for (const [, action = '', pin = ''] of text.matchAll(/uses: ([^@\s]+)@(.*)/g)) {
    if (action.endsWith('/mcp-runtime-conformance')) expect(pin).toBe(`v${packageVersion()}`);
    else expect(pin, action).toMatch(/^[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  }
});
