import { minRounds } from '../../conformance/bench/compare/interval.ts';
import { UsageError } from '../../conformance/plan/usage-error.ts';
import { ResourceScope } from '../../runners/resource-scope.ts';
import { markdownTable } from '../docs/markdown-table.ts';
import type { FastPath } from './fast-path.ts';
import { measurePath } from './measure-path.ts';
import { fastPaths } from './paths.ts';
import { type PathVerdict, verdictHead, verdictOf, verdictRow } from './verdict.ts';

/** Options of `prove fast-paths`. */
export interface FastPathsRequest {
  /** Names of paths. An empty list selects all. */
  readonly names: readonly string[];
  readonly rounds: number;
}

const users = 125;
const turnMs = 2_000;
const limitMs = 30 * 60_000;

/**
 * Measures the processor time per call of each path and of its floor, in a closed loop over a Unix domain socket.
 * @returns the exit code: 0 if no ratio exceeds its bar, else 1
 * @throws UsageError, BuildError, MeasureError, RunnerError, TargetError, PreparationError, ThreadError
 */
export async function proveFastPaths(
  { names, rounds }: FastPathsRequest,
  tell: (problem: string) => void,
): Promise<number> {
  if (rounds < minRounds)
    throw new UsageError(`--rounds ${rounds}: a confidence interval needs at least ${minRounds} rounds`);
  const signal = AbortSignal.timeout(limitMs);
  const verdicts: PathVerdict[] = [];
  for (const path of pathsOf(names)) {
    process.stdout.write(`${path.name}: ${path.about}\n`);
    await using scope = new ResourceScope();
    const sides = await path.start({ scope, signal });
    const verdict = verdictOf(path, await measurePath(sides, { rounds, turnMs, users }, signal));
    verdicts.push(verdict);
    if (verdict.isMet) continue;
    tell(`${path.name}: ${verdict.ratio.toFixed(2)} times the floor; the bar is ${path.bar.toFixed(1)}`);
  }
  process.stdout.write(
    `\nProcessor time of tools/call with 200 bytes, ${users} callers, ${rounds} rounds:\n\n`,
  );
  process.stdout.write(`${markdownTable(verdictHead, verdicts.map(verdictRow))}\n`);
  return verdicts.every(({ isMet }) => isMet) ? 0 : 1;
}

/** @throws UsageError for an unknown name */
function pathsOf(names: readonly string[]): readonly FastPath[] {
  const known = fastPaths.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`there is no fast path ${unknown}; use ${known.join(', ')}`);
  }
  return names.length === 0 ? fastPaths : fastPaths.filter(({ name }) => names.includes(name));
}
