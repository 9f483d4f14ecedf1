// Checks the files that a forge reads: workflows, issue forms and the pull request template.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../base/package.ts';

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly 'runs-on': string;
  readonly 'timeout-minutes'?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: Readonly<Record<string, unknown>> };
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface IssueForm {
  readonly name: string;
  readonly description: string;
  readonly labels: readonly string[];
  readonly body: readonly {
    readonly type: string;
    readonly id: string;
    readonly attributes: { label: string };
  }[];
}

const root = packageRoot();
const manifest: { scripts: Record<string, string>; bin: Record<string, string> } = JSON.parse(
  readText('package.json'),
);

function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function yamlFiles(folder: string): readonly string[] {
  return readdirSync(join(root, folder))
    .filter((name) => /\.ya?ml$/.test(name))
    .sort();
}

/** Returns the commands of a script without redirections. */
function commandsOf(script: string): readonly string[] {
  return script
    .split(/\n|&&|\|\||;|\|/)
    .map((command) => command.trim())
    .filter((command) => command !== '');
}

/** Shell keywords, and programs on every GitHub runner. */
const runnerPrograms = ['do', 'docker', 'done', 'echo', 'for', 'gh', 'mkdir', 'mv', 'printf', 'rm', 'rustup'];
/** npm commands that are not scripts in package.json. */
const npmSubcommands = ['audit', 'ci', 'pack', 'publish', 'sbom', 'test'];

/** Returns the reason that a command cannot work, or undefined if it can. */
function describeUnknown(command: string): string | undefined {
  const [program = '', first = '', second = ''] = command.split(/\s+/);
  if (program === 'npm') {
    if (first === 'run')
      return second in manifest.scripts ? undefined : `package.json has no script ${second}`;
    return npmSubcommands.includes(first) ? undefined : `unknown npm subcommand ${first}`;
  }
  if (program === 'node' || program === 'bash') {
    const isBuilt = Object.values(manifest.bin).includes(first);
    return isBuilt || existsSync(join(root, first)) ? undefined : `there is no file ${first}`;
  }
  const isAssignment = /^\w+=/.test(program);
  return isAssignment || runnerPrograms.includes(program) ? undefined : `unknown program ${program}`;
}

/** The permissions of jobs with write access. All other jobs may only read the repository. */
const writers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'release.yml/images': { contents: 'read', packages: 'write' },
  'release.yml/publish': { contents: 'read', 'id-token': 'write' },
  'release.yml/release': { contents: 'write' },
};

test('the repository has one workflow for CI and one for releases', () => {
  expect(yamlFiles('.github/workflows')).toEqual(['ci.yml', 'release.yml']);
});

describe.each(yamlFiles('.github/workflows'))('%s', (name) => {
  const text = readText(join('.github/workflows', name));
  const workflow: Workflow = parse(text, { strict: true });
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps);
  const scripts = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));

  test('has the required keys', () => {
    expect(Object.keys(workflow)).toEqual(['name', 'on', 'permissions', 'concurrency', 'jobs']);
    for (const [, job] of jobs) {
      expect(job['runs-on']).toBe('ubuntu-24.04');
      for (const step of job.steps) expect(Number('uses' in step) + Number('run' in step)).toBe(1);
      const needs = job.needs === undefined ? [] : [job.needs].flat();
      expect(needs.filter((needed) => !(needed in workflow.jobs))).toEqual([]);
    }
  });

  test('grants each job only the permissions that it needs', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const [id, job] of jobs) expect(job.permissions, id).toEqual(writers[`${name}/${id}`]);
  });

  test('sets a time limit for each job', () => {
    for (const [id, job] of jobs) {
      expect(job['timeout-minutes'], id).toBeGreaterThan(0);
      expect(job['timeout-minutes'], id).toBeLessThanOrEqual(90);
    }
  });

  test('pins each action to a full commit hash with its version in a comment', () => {
    const pins = new Map<string, string>();
    for (const [, action = '', pin = ''] of text.matchAll(/uses: ([^@\s]+)@(.*)/g)) {
      expect(pin, action).toMatch(/^[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      expect(pins.get(action) ?? pin, action).toBe(pin);
      pins.set(action, pin);
    }
    expect(pins.size).toBeGreaterThan(0);
  });

  test('keeps no credentials in a checkout', () => {
    const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    for (const checkout of checkouts) expect(checkout.with).toMatchObject({ 'persist-credentials': false });
  });

  test('passes values to scripts as environment variables', () => {
    for (const script of scripts) expect(script).not.toContain('${{');
  });

  test('runs scripts with valid syntax and existing commands', () => {
    for (const script of scripts) {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
      expect({ script, status, stderr }).toEqual({ script, status: 0, stderr: '' });
      expect(commandsOf(script).flatMap((command) => describeUnknown(command) ?? [])).toEqual([]);
    }
  });
});

test('recognises commands that do not exist', () => {
  expect(['npm run no-such', 'npm tset', 'node no/such.mjs', 'no-such'].map(describeUnknown)).toEqual([
    'package.json has no script no-such',
    'unknown npm subcommand tset',
    'there is no file no/such.mjs',
    'unknown program no-such',
  ]);
});

test('ci.yml tests the Node versions of the gate', () => {
  const { jobs }: Workflow = parse(readText('.github/workflows/ci.yml'));
  const [, list = ''] = /const versions = (\[.*\]);/.exec(readText('.ci/node-versions.mjs')) ?? [];
  const tried: readonly string[] = JSON.parse(list.replaceAll("'", '"'));
  expect(jobs['test']?.strategy?.matrix['node']).toEqual(tried.map((version) => version.replace(/\.0$/, '')));
});

test('release.yml pushes the images that the repository builds', () => {
  const { jobs }: Workflow = parse(readText('.github/workflows/release.yml'));
  const built = [...readText('docker/images.mjs').matchAll(/(\w+): \{ script: .*, image: '(.*):latest' \}/g)];
  expect(built.length).toBeGreaterThan(0);
  expect(jobs['images']?.strategy?.matrix['include']).toEqual(
    built.map(([, runtime, image]) => ({ runtime, image })),
  );
});

test('the example workflow may only read, has a time limit and pins the same actions as our workflows', () => {
  const text = readText('examples/github-workflow/conformance.yml');
  const workflow: Workflow = parse(text, { strict: true });
  expect(workflow.permissions).toEqual({ contents: 'read' });
  for (const job of Object.values(workflow.jobs)) {
    expect(job.permissions).toBeUndefined();
    expect(job['timeout-minutes']).toBeGreaterThan(0);
    for (const { run = '' } of job.steps) expect(run).not.toContain('${{');
  }
  const own = yamlFiles('.github/workflows').map((name) => readText(join('.github/workflows', name)));
  const pins = [...text.matchAll(/uses: (.*)/g)].map(([, pin = '']) => pin);
  expect(pins.length).toBeGreaterThan(0);
  expect(pins.filter((pin) => !own.join().includes(pin))).toEqual([]);
});

describe('issue forms', () => {
  const folder = '.github/ISSUE_TEMPLATE';
  const forms = yamlFiles(folder).filter((name) => name !== 'config.yml');

  test('cover bugs, false alarms, missed faults and questions about the contract', () => {
    expect(forms).toEqual(['bug.yml', 'contract-question.yml', 'false-alarm.yml', 'missed-fault.yml']);
  });

  test.each(forms)('%s has the keys that GitHub requires', (name) => {
    const form: IssueForm = parse(readText(join(folder, name)), { strict: true });
    expect(Object.keys(form)).toEqual(['name', 'description', 'labels', 'body']);
    expect(form.labels.length).toBe(1);
    for (const field of form.body) {
      expect(['input', 'textarea']).toContain(field.type);
      expect(field.attributes.label).toMatch(/^\S/);
    }
    const ids = form.body.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z]+$/.test(id))).toEqual([]);
  });

  test('send vulnerabilities to the private form of this repository', () => {
    const config = parse(readText(join(folder, 'config.yml')), { strict: true });
    const { repository } = JSON.parse(readText('package.json'));
    const page = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
    expect(config.blank_issues_enabled).toBe(false);
    expect(config.contact_links.map(({ url }: { url: string }) => url)).toEqual([
      `${page}/security/advisories/new`,
    ]);
  });
});

test('the pull request template names scripts that exist', () => {
  const template = readText('.github/pull_request_template.md');
  const commands = [...template.matchAll(/`(npm [^`]+)`/g)].map(([, command = '']) => command);
  expect(commands.length).toBeGreaterThan(0);
  expect(commands.flatMap((command) => describeUnknown(command) ?? [])).toEqual([]);
});
