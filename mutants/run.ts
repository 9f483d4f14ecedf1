import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import picomatch from 'picomatch';
import { loadOwnFixtures } from '../conformance/fixture/compiled.ts';
import { mutants } from './index.ts';
import { makeMatrix, type Trial } from './matrix.ts';
import type { Mutant } from './mutant.ts';
import { isGood, renderJson, renderMarkdown, renderText } from './report.ts';
import { tryUntouched } from './trial.ts';
import { unobservable } from './unobservable.ts';
import { type Order, WorkerPool } from './worker-pool.ts';

const usage =
  'npm run mutants -- [name or glob ...] [--json FILE] [--markdown FILE] [--together N] [--own-clause]';
const caseTimeoutMs = 3000;
const patientTimeoutMs = 20_000;

interface Work {
  /** How many are tried at the same time. */
  readonly together: number;
  readonly order: Omit<Order, 'name'>;
  readonly signal: AbortSignal;
}

/** Tries all mutants, or those that there is time for until it is interrupted. */
async function tryAll(chosen: readonly Mutant[], { together, order, signal }: Work): Promise<Trial[]> {
  const trials = new Map<string, Trial>();
  using pool = new WorkerPool(Math.min(together, availableParallelism()));
  const queue = chosen.values();
  const lane = async () => {
    for (const { name } of queue) {
      if (signal.aborted) return;
      trials.set(name, await pool.try({ ...order, name }));
      if (process.stderr.isTTY) process.stderr.write(`\r${trials.size} of ${chosen.length}`);
    }
  };
  await Promise.all(Array.from({ length: together }, lane));
  if (process.stderr.isTTY) process.stderr.write('\r');
  return chosen.flatMap(({ name }) => trials.get(name) ?? []);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      markdown: { type: 'string' },
      together: { type: 'string' },
      'own-clause': { type: 'boolean' },
    },
  });
  const together = Number(values.together ?? availableParallelism());
  const isChosen = picomatch(positionals.length === 0 ? '*' : positionals);
  const chosen = mutants.filter(({ name }) => isChosen(name));
  if (chosen.length === 0 || !Number.isInteger(together) || together < 1) {
    process.stderr.write(
      `mutants: ${chosen.length === 0 ? 'no mutant has such a name' : 'bad number'}; ${usage}\n`,
    );
    return 2;
  }
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  const startedAt = performance.now();
  const suite = await loadOwnFixtures();
  const { signal } = interruption;
  const ownClauseOnly = values['own-clause'] ?? false;
  const untouched = await tryUntouched({ suite, signal, caseTimeoutMs: patientTimeoutMs });
  const trials = await tryAll(chosen, { together, order: { ownClauseOnly, caseTimeoutMs }, signal });
  const report = {
    about: [
      'Each mutant is the reference runtime with one fault, outside its production code (`mutants/`). `npm run mutants`',
      'holds each against the suite; this page is what it found. Cases that start further instances of the target meet',
      'only the mutants of their clauses.',
    ],
    matrix: makeMatrix(trials, suite.cases),
    cases: suite.cases.length,
    untouched,
    unobservable,
    ownClauseOnly,
    durationMs: performance.now() - startedAt,
  };
  process.stdout.write(renderText(report));
  if (values.json !== undefined) await writeFile(values.json, renderJson(report));
  if (values.markdown !== undefined) await writeFile(values.markdown, renderMarkdown(report));
  return isGood(report) && !signal.aborted ? 0 : 1;
}

process.exitCode = await main();
