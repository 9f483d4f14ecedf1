import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { markdownTable } from '../docs/markdown-table.ts';

const command = join(packageRoot(), 'dist/cli/main.js');

/**
 * Runs the whole suite repeatedly, every second time with all cores busy. A failed run is a flake of the suite or of
 * the target, and its output is printed. Prints Markdown for docs/figures.md. Resolves to the exit code.
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
  const rows = [row('idle cores', quiet), ...(busy.length > 0 ? [row('busy cores', busy)] : [])];
  console.log(markdownTable(['', 'runs', 'fastest', 'median', 'slowest'], rows));
  console.log(flakes === 0 ? `\nAll ${runs} runs passed.` : `\n${flakes} of ${runs} runs failed.`);
  return flakes === 0 ? 0 : 1;
}

function row(name: string, seconds: readonly number[]): readonly string[] {
  const sorted = [...seconds].sort((one, other) => one - other);
  const at = (share: number) => `${(sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2)} s`;
  return [name, `${seconds.length}`, at(0), at(0.5), at(1)];
}
