import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import picomatch from 'picomatch';
import type { VariationTrial } from '../mutants/trial.ts';
import { tryAll } from '../mutants/try-all.ts';
import { variations } from './index.ts';

const usage = 'npm run variations -- [name or glob ...] [--together N]';
const caseTimeoutMs = 20_000;

/** Whether the suite did what it has to: no false alarm, and nothing left out where all is served. */
function isGood({ variation, failed, leftOut }: VariationTrial): boolean {
  return failed.length === 0 && (leftOut === 0 || variation.servesLess === true);
}

function tell(trials: readonly VariationTrial[]): string {
  const width = Math.max(...trials.map(({ variation }) => variation.name.length));
  return trials
    .flatMap((trial) => {
      const { variation, passed, leftOut, failed } = trial;
      const counts = [
        `${passed} passed`,
        ...(leftOut === 0 ? [] : [`${leftOut} left out`]),
        ...(failed.length === 0 ? [] : [`${failed.length} FALSE ALARMS`]),
        ...(isGood(trial) || failed.length > 0 ? [] : ['LEFT OUT WITHOUT NEED']),
      ];
      return [
        `${variation.name.padEnd(width)}  ${variation.clause.padEnd(11)} ${counts.join(', ')}`,
        ...failed.map(({ id, summary }) => `  ${id}: ${summary}`),
      ];
    })
    .join('\n');
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { together: { type: 'string' } },
  });
  const together = Number(values.together ?? availableParallelism());
  const isChosen = picomatch(positionals.length === 0 ? '*' : positionals);
  const chosen = variations.filter(({ name }) => isChosen(name));
  if (chosen.length === 0 || !Number.isInteger(together) || together < 1) {
    const problem = chosen.length === 0 ? 'no variation has such a name' : 'bad number';
    process.stderr.write(`variations: ${problem}; ${usage}\n`);
    return 2;
  }
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  const startedAt = performance.now();
  const { signal } = interruption;
  const trials = await tryAll<VariationTrial>(
    chosen.map(({ name }) => ({ name, caseTimeoutMs })),
    { worker: 'variations/worker.js', together, signal },
  );
  const bad = trials.filter((trial) => !isGood(trial)).length;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  process.stdout.write(
    `${tell(trials)}\n\n${chosen.length} variations, ${trials.length - bad} passed, ${bad} not, ${seconds} s\n`,
  );
  return bad === 0 && trials.length === chosen.length ? 0 : 1;
}

process.exitCode = await main();
