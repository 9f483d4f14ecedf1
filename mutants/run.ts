import { setMaxListeners } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import picomatch from 'picomatch';
import { loadOwnFixtures } from '../conformance/fixture/compiled.ts';
import { mutants } from './index.ts';
import { makeMatrix, type Trial } from './matrix.ts';
import type { Mutant } from './mutant.ts';
import { isGood, renderJson, renderMarkdown, renderText } from './report.ts';
import { type TrialOptions, tryMutant, tryUntouched } from './trial.ts';
import { unobservable } from './unobservable.ts';

const usage =
  'npm run mutants -- [name or glob ...] [--json FILE] [--markdown FILE] [--together N] [--own-clause]';
const caseTimeoutMs = 3000;
const patientTimeoutMs = 20_000;

/** Tries all mutants, some of them at the same time. */
async function tryAll(chosen: readonly Mutant[], together: number, options: TrialOptions): Promise<Trial[]> {
  const trials = new Map<string, Trial>();
  const queue = [...chosen];
  const work = async () => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      trials.set(mutant.name, await tryMutant(mutant, options));
      if (process.stderr.isTTY) process.stderr.write(`\r${trials.size} of ${chosen.length}`);
    }
  };
  await Promise.all(Array.from({ length: together }, work));
  process.stderr.write('\r');
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
  const together = Number(values.together ?? 2);
  const isChosen = picomatch(positionals.length === 0 ? '*' : positionals);
  const chosen = mutants.filter(({ name }) => isChosen(name));
  if (chosen.length === 0 || !Number.isInteger(together) || together < 1) {
    process.stderr.write(
      `mutants: ${chosen.length === 0 ? 'no mutant has such a name' : 'bad number'}; ${usage}\n`,
    );
    return 2;
  }
  const interruption = new AbortController();
  // Every trial listens to it, and every case of one.
  setMaxListeners(0, interruption.signal);
  process.once('SIGINT', () => interruption.abort());
  // A fault may leave a promise or an event that nobody handles; it is the target's, not the run's.
  process.on('uncaughtException', () => undefined);
  const startedAt = performance.now();
  const suite = await loadOwnFixtures();
  const common = { suite, signal: interruption.signal, ownClauseOnly: values['own-clause'] ?? false };
  const untouched = await tryUntouched({ ...common, caseTimeoutMs: patientTimeoutMs });
  const trials = await tryAll(chosen, together, { ...common, caseTimeoutMs });
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
    ownClauseOnly: common.ownClauseOnly,
    durationMs: performance.now() - startedAt,
  };
  process.stdout.write(renderText(report));
  if (values.json !== undefined) await writeFile(values.json, renderJson(report));
  if (values.markdown !== undefined) await writeFile(values.markdown, renderMarkdown(report));
  return isGood(report) && !interruption.signal.aborted ? 0 : 1;
}

process.exitCode = await main();
