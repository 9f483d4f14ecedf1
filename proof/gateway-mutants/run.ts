import { setMaxListeners } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import picomatch from 'picomatch';
import { loadClauses, packageRoot } from '../../conformance/index.ts';
import { loadGatewayCases } from '../../conformance/load/load.ts';
import { makeMatrix, type Trial } from '../mutants/matrix.ts';
import { isGood, renderJson, renderMarkdown, renderText } from '../mutants/report.ts';
import { makeCallers } from './callers.ts';
import type { GatewayMutant } from './gateway-mutant.ts';
import { gatewayMutants } from './index.ts';
import { type TrialOptions, tryMutant, tryUntouched } from './trial.ts';

const usage =
  'npm run mutants:gateway -- [name or glob ...] [--json FILE] [--markdown FILE] [--together N] [--all-cases]';
const caseTimeoutMs = 6000;

/** Tries mutants, some of them at the same time: what they do most is wait. */
async function tryAll(
  chosen: readonly GatewayMutant[],
  together: number,
  options: TrialOptions,
): Promise<Trial[]> {
  const trials = new Map<string, Trial>();
  const queue = chosen.values();
  const work = async () => {
    for (const mutant of queue) {
      if (options.signal.aborted) return;
      trials.set(mutant.name, await tryMutant(mutant, options));
      if (process.stderr.isTTY) process.stderr.write(`\r${trials.size} of ${chosen.length}`);
    }
  };
  await Promise.all(Array.from({ length: together }, work));
  return chosen.flatMap(({ name }) => trials.get(name) ?? []);
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'string' },
      markdown: { type: 'string' },
      together: { type: 'string' },
      'all-cases': { type: 'boolean' },
    },
  });
  const isChosen = picomatch(positionals.length === 0 ? '*' : positionals);
  const chosen = gatewayMutants.filter(({ name }) => isChosen(name));
  const together = Number(values.together ?? 4);
  if (chosen.length === 0 || !Number.isInteger(together) || together < 1) {
    const reason = chosen.length === 0 ? 'no mutant has such a name' : 'bad number';
    process.stderr.write(`mutants: ${reason}; ${usage}\n`);
    return 2;
  }
  const interruption = new AbortController();
  setMaxListeners(0, interruption.signal);
  process.once('SIGINT', () => interruption.abort(new Error('interrupted')));
  // A fault may leave a promise or an event that nobody handles; it is the gateway's, not the run's.
  process.on('uncaughtException', () => undefined);
  const startedAt = performance.now();
  const cases = await loadGatewayCases(await loadClauses(packageRoot()));
  const ownClauseOnly = values['all-cases'] !== true;
  const callers = await makeCallers();
  const common = { cases, callers, ownClauseOnly, signal: interruption.signal };
  const untouched = await tryUntouched({ ...common, caseTimeoutMs: 60_000 });
  const trials = await tryAll(chosen, together, { ...common, caseTimeoutMs });
  const report = {
    about: [
      'Each mutant is our gateway with one fault, outside its production code (`proof/gateway-mutants/`). `npm run',
      'mutants:gateway` holds each against the cases of its clause; this page is what it found.',
    ],
    matrix: makeMatrix(trials, cases),
    cases: cases.length,
    untouched,
    unobservable: {},
    // With a few mutants most cases have nothing to catch.
    ownClauseOnly: chosen.length < gatewayMutants.length,
    durationMs: performance.now() - startedAt,
  };
  process.stdout.write(renderText(report));
  if (values.json !== undefined) await writeFile(values.json, renderJson(report));
  if (values.markdown !== undefined) await writeFile(values.markdown, renderMarkdown(report));
  return isGood(report) && !interruption.signal.aborted ? 0 : 1;
}

process.exitCode = await main();
