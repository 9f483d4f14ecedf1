import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parse } from 'yaml';
import { packageRoot } from '../../base/package.ts';
import { filled, holds, type Values } from './expression.ts';

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly run?: string;
  readonly 'working-directory'?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

/** A workflow run that uses the action. */
export interface ActionRun {
  /** The folder of the repository, which is also the folder for everything that GitHub stores. */
  readonly folder: string;
  readonly inputs: Values;
  /** Values of the context `github`: `event_name`. */
  readonly github: Values;
  /** The event, for scripts. */
  readonly event: object;
  readonly api: string;
}

/** The outcome of a simulated run. */
export interface ActionOutcome {
  /** The first exit code other than 0, or 0. */
  readonly code: number;
  readonly output: string;
  readonly summary: string;
  /** The names of the steps that ran. */
  readonly ran: readonly string[];
}

/** Entries of the cache and artifacts, by the repository. */
const caches = new Map<string, Map<string, string>>();

/**
 * Runs the steps of `action.yml` in their order like the runner of GitHub: their scripts with bash, and in place of
 * other actions a copy of the files that they restore, store or upload.
 */
export async function runAction(run: ActionRun): Promise<ActionOutcome> {
  const action: Action = parse(readFileSync(join(packageRoot(), 'action.yml'), 'utf8'));
  const stored = join(run.folder, '.stored');
  await mkdir(stored, { recursive: true });
  const [summary, event] = [join(stored, 'summary.md'), join(stored, 'event.json')];
  await writeFile(summary, '');
  await writeFile(event, JSON.stringify(run.event));
  const values: Record<string, string> = {};
  const github = { action_path: packageRoot(), repository: 'acme/runtime', server_url: 'https://github.com' };
  for (const [name, value] of Object.entries({ ...github, ...run.github })) values[`github.${name}`] = value;
  for (const [name, { default: value }] of Object.entries(action.inputs)) {
    values[`inputs.${name}`] = run.inputs[name] ?? filled(value, values);
  }

  const ran: string[] = [];
  let [code, output] = [0, ''];
  for (const [index, step] of action.runs.steps.entries()) {
    if (step.if === undefined ? code !== 0 : !holds(step.if, values, code !== 0)) continue;
    const outputs = join(stored, `outputs-${index}`);
    await writeFile(outputs, '');
    ran.push(step.name ?? step.uses ?? '');
    let own = 0;
    if (step.run === undefined) await useAction(step, { run, values, outputs, stored });
    else {
      const env = Object.fromEntries(
        Object.entries(step.env ?? {}).map(([name, value]) => [name, filled(value, values)]),
      );
      const files = { GITHUB_OUTPUT: outputs, GITHUB_STEP_SUMMARY: summary, GITHUB_EVENT_PATH: event };
      const facts = { GITHUB_ACTIONS: 'true', GITHUB_API_URL: run.api, GITHUB_REPOSITORY: 'acme/runtime' };
      const cwd = filled(step['working-directory'] ?? run.folder, values);
      const ended = await runScript(step.run, cwd, { ...files, ...facts, ...env });
      output += ended.output;
      own = ended.code;
    }
    if (step.id !== undefined) {
      values[`steps.${step.id}.outcome`] = own === 0 ? 'success' : 'failure';
      for (const line of (await readFile(outputs, 'utf8')).split('\n').filter(Boolean)) {
        const [name = '', ...value] = line.split('=');
        values[`steps.${step.id}.outputs.${name}`] = value.join('=');
      }
    }
    code ||= own;
  }
  return { code, output, summary: await readFile(summary, 'utf8'), ran };
}

interface Surroundings {
  readonly run: ActionRun;
  readonly values: Values;
  readonly outputs: string;
  readonly stored: string;
}

async function useAction(
  { uses = '', with: inputs = {} }: Step,
  { run, values, outputs, stored }: Surroundings,
) {
  const [name = ''] = uses.split('@');
  const input = (key: string): string => filled(inputs[key] ?? '', values);
  const cache = caches.get(run.folder) ?? new Map<string, string>();
  caches.set(run.folder, cache);
  switch (name) {
    case 'actions/setup-node':
    case 'actions/cache':
      return;
    case 'actions/cache/save': {
      cache.set(input('key'), await readFile(join(run.folder, input('path')), 'utf8'));
      return;
    }
    case 'actions/cache/restore': {
      const key = [...cache.keys()].findLast((each) => each.startsWith(input('restore-keys')));
      if (key === undefined) return;
      await mkdir(join(run.folder, '.mcp-runtime-conformance'), { recursive: true });
      await writeFile(join(run.folder, input('path')), cache.get(key) ?? '');
      return;
    }
    case 'actions/upload-artifact': {
      if (!existsSync(join(run.folder, input('path')))) return;
      await cp(join(run.folder, input('path')), join(stored, 'artifacts', input('name')), {
        recursive: true,
      });
      await writeFile(outputs, 'artifact-url=https://github.com/acme/runtime/actions/runs/1/artifacts/2\n');
      return;
    }
    default:
      throw new Error(`the simulation does not know ${uses}`);
  }
}

/** Runs a script like a step of a workflow. */
export async function runScript(
  script: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
  });
  const [output, problems, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code: code ?? 1, output: `${output}${problems}` };
}
