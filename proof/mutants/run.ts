import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import picomatch from 'picomatch';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';
import { mutants } from './index.ts';
import { makeMatrix, type Trial } from './matrix.ts';
import { isGood, renderJson, renderMarkdown, renderText } from './report.ts';
import { tryUntouched } from './trial.ts';
import { tryAll } from './try-all.ts';
import { unobservable } from './unobservable.ts';

const usage =
  'npm run mutants -- [name or glob ...] [--json FILE] [--markdown FILE] [--together N] [--own-clause]';
const caseTimeoutMs = 3000;
const patientTimeoutMs = 20_000;

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
  const trials = await tryAll<Trial>(
    chosen.map(({ name }) => ({ name, ownClauseOnly, caseTimeoutMs })),
    { worker: 'mutants/worker.js', together, signal },
  );
  const report = {
    about: [
      'Each mutant is the reference runtime with one fault, outside its production code (`proof/mutants/`). `npm run mutants`',
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
