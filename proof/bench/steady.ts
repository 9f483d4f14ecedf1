import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';

const command = join(packageRoot(), 'dist/cli/main.js');

/**
 * Runs the whole suite repeatedly, every second time with all cores busy. A failed run is a flake of the suite or of the
 * target, and its output is printed. Resolves to the exit code.
 */
export async function steady(runs: number): Promise<number> {
  const quiet: number[] = [];
  const busy: number[] = [];
  let flakes = 0;
  for (let index = 0; index < runs; index += 1) {
    const isBusy = index % 2 === 1;
    const length = isBusy ? availableParallelism() : 0;
    const workers = Array.from({ length }, () => new Worker('for (;;) {}', { eval: true }));
    const run = await $`${process.execPath} ${command} --fail-on-skip`.quiet().nothrow();
    await Promise.all(workers.map((worker) => worker.terminate()));
    (isBusy ? busy : quiet).push(run.duration / 1000);
    if (run.exitCode === 0) continue;
    flakes += 1;
    console.log(`run ${index + 1}${isBusy ? ', cores busy' : ''}: exit code ${run.exitCode}\n${run.stdall}`);
  }
  printTimes('idle cores', quiet);
  printTimes('busy cores', busy);
  console.log(flakes === 0 ? `all ${runs} runs passed` : `${flakes} of ${runs} runs failed`);
  return flakes === 0 ? 0 : 1;
}

function printTimes(name: string, seconds: readonly number[]): void {
  if (seconds.length === 0) return;
  const sorted = [...seconds].sort((one, other) => one - other);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2);
  console.log(
    `${name.padEnd(12)}${String(seconds.length).padStart(4)} runs   min ${at(0)} s   median ${at(0.5)} s   max ${at(1)} s`,
  );
}
