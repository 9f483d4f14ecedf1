import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../../base/package.ts';

const command = join(packageRoot(), 'dist/cli/main.js');

interface Run {
  readonly code: number | null;
  readonly output: string;
  readonly seconds: number;
}

function runOnce(): Promise<Run> {
  const started = performance.now();
  const child = spawn(process.execPath, [command, '--fail-on-skip'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => output.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => output.push(bytes));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({
        code,
        output: Buffer.concat(output).toString(),
        seconds: (performance.now() - started) / 1000,
      }),
    );
  });
}

function keepBusy(): readonly Worker[] {
  return Array.from({ length: availableParallelism() }, () => new Worker('for (;;) {}', { eval: true }));
}

/**
 * Runs the whole suite many times in a row, every second time with all cores kept busy. A run that is not green is a flake
 * of the suite or of the target: its output is shown. Resolves to the exit code.
 */
export async function steady(runs: number): Promise<number> {
  const quiet: number[] = [];
  const busy: number[] = [];
  let flakes = 0;
  for (let index = 0; index < runs; index += 1) {
    const isBusy = index % 2 === 1;
    const workers = isBusy ? keepBusy() : [];
    const run = await runOnce();
    await Promise.all(workers.map((worker) => worker.terminate()));
    (isBusy ? busy : quiet).push(run.seconds);
    if (run.code === 0) continue;
    flakes += 1;
    console.log(`run ${index + 1}${isBusy ? ', cores busy' : ''}: exit code ${run.code}\n${run.output}`);
  }
  tell('idle cores', quiet);
  tell('busy cores', busy);
  console.log(flakes === 0 ? `no flake in ${runs} runs` : `${flakes} of ${runs} runs were not green`);
  return flakes === 0 ? 0 : 1;
}

function tell(name: string, seconds: readonly number[]): void {
  if (seconds.length === 0) return;
  const sorted = [...seconds].sort((one, other) => one - other);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2);
  console.log(
    `${name.padEnd(12)}${String(seconds.length).padStart(4)} runs   min ${at(0)} s   median ${at(0.5)} s   max ${at(1)} s`,
  );
}
