import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../../base/package.ts';
import { formatNames } from '../../../conformance/formats/index.ts';
import type { HostileTarget } from '../hostile-target.ts';

/** Result of a run of the kit against a hostile target. */
export interface HostileRun {
  /** Exit code of the kit, or the signal that ended it. */
  readonly exitCode: number | string | null;
  /** Output of the kit on stdout and stderr. */
  readonly output: string;
  /** The reports in all formats by name. */
  readonly reports: Readonly<Record<string, string>>;
  /** The step summary of GitHub. */
  readonly summary: string;
  readonly seconds: number;
  /** Peak memory of the kit's process, in MiB. */
  readonly peakMiB: number;
  /** Processes of this run that are still running, and files left in the temporary folder. */
  readonly leftBehind: readonly string[];
}

/** Environment variables by name. */
type Variables = Readonly<Record<string, string>>;

const root = packageRoot();
const mark = 'HOSTILE_RUN';
/** Grace period for child processes to exit after the kit, in milliseconds. */
const exitGraceMs = 3_000;
/**
 * Limit for the heap of the kit, in MiB. Without it, V8 keeps garbage as long as there is free memory, and the peak would
 * say little about the memory that the kit needs.
 */
const maxHeapMiB = 160;

/** Runs the command line against a hostile target, with a temporary folder and environment. */
export function runHostile(name: string, target: HostileTarget): Promise<HostileRun> {
  return run(() => ['--command', commandOf(name), '--env-inherit', 'HOSTILE_*'], target);
}

/** Runs a matrix of a hostile target and the reference runtime. */
export function runHostileMatrix(name: string, target: HostileTarget): Promise<HostileRun> {
  // A matrix has no option that passes variables on.
  const env = (variables: Variables) =>
    ['/usr/bin/env', ...Object.entries(variables).map(([key, value]) => `${key}=${value}`)].join(' ');
  return run(
    (variables) => [
      ...['matrix', '--target', `hostile=command:${env(variables)} ${commandOf(name)}`],
      ...['--target', 'kit=embedded'],
    ],
    target,
  );
}

function commandOf(name: string): string {
  return `${process.execPath} ${join(root, 'dist/proof/hostile/main.js')} ${name}`;
}

/** Runs the command line. @param words returns the arguments for a target with these environment variables */
async function run(
  words: (variables: Variables) => readonly string[],
  target: HostileTarget,
): Promise<HostileRun> {
  const folder = await mkdtemp(join(tmpdir(), 'h-'));
  const temporary = join(folder, 't');
  const bait = join(folder, 'bait');
  try {
    await mkdir(temporary);
    await mkdir(bait);
    await writeFile(join(bait, 'precious'), '');
    const id = randomUUID();
    const fileOf = (format: string): string => join(folder, `r.${format}`);
    const summary = join(folder, 'summary');
    const variables = { [mark]: id, HOSTILE_BAIT: bait };
    const started = performance.now();
    const ended = await runKit({
      args: [
        ...words(variables),
        ...['--ready-timeout', target.exitCode === 3 ? '1.5' : '10', '--timeout', '2', '--no-color'],
        ...formatNames.flatMap((format) => ['--report', `${format}=${fileOf(format)}`]),
        ...(target.cases ?? []).flatMap((glob) => ['--case', glob]),
      ],
      environment: {
        ...variables,
        TMPDIR: temporary,
        GITHUB_ACTIONS: 'true',
        GITHUB_STEP_SUMMARY: summary,
      },
      withinSeconds: target.withinSeconds ?? 90,
    });
    const seconds = (performance.now() - started) / 1000;
    const processes = await findRemainingProcesses(id);
    for (const pid of processes) process.kill(pid, 'SIGKILL');
    const files = await readdir(temporary);
    const baited = await readdir(bait);
    const reports = await Promise.all(
      formatNames.map(async (name) => [name, await read(fileOf(name))] as const),
    );
    return {
      ...ended,
      seconds,
      reports: Object.fromEntries(reports),
      summary: await read(summary),
      leftBehind: [
        ...processes.map((pid) => `process ${pid}`),
        ...files.map((file) => `file ${file}`),
        ...(baited.length === 1 ? [] : [`the bait: ${baited.join(', ')}`]),
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runKit(kit: {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly withinSeconds: number;
}): Promise<Pick<HostileRun, 'exitCode' | 'output' | 'peakMiB'>> {
  const child = spawn(
    process.execPath,
    [
      `--max-old-space-size=${maxHeapMiB}`,
      ...['--import', join(root, 'proof/hostile/testing/report-memory.mjs')],
      join(root, 'dist/cli/main.js'),
      ...kit.args,
    ],
    { env: { ...process.env, ...kit.environment }, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
  );
  const texts = ['', '', ''];
  for (const [index, stream] of [child.stdout, child.stderr, child.stdio[3]].entries()) {
    stream?.on('data', (bytes: Buffer) => {
      texts[index] += bytes.toString('latin1');
    });
  }
  const watchdog = setTimeout(() => child.kill('SIGKILL'), kit.withinSeconds * 1000);
  const exitCode = await new Promise<number | string | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
  clearTimeout(watchdog);
  const [stdout = '', stderr = '', memory = ''] = texts;
  const output = Buffer.from(`${stdout}${stderr}`, 'latin1').toString();
  return { exitCode, output, peakMiB: Math.round(Number(memory) / 1024) };
}

/** Returns the processes of a run that outlive the grace period. Their environment contains the id of the run. */
async function findRemainingProcesses(id: string): Promise<readonly number[]> {
  const deadline = performance.now() + exitGraceMs;
  for (;;) {
    const found = findMarkedProcesses(id);
    if (found.length === 0 || performance.now() > deadline) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function findMarkedProcesses(id: string): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`${mark}=${id}`);
      } catch {
        return false;
      }
    });
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
