import picomatch from 'picomatch';
import { nearest, suggest } from '../../base/nearest.ts';
import type { CaseHead } from '../case/case.ts';
import { appliesOver, type TransportChoice, transportsIn } from '../case/transport.ts';
import { count, firstOf, listed } from '../text/text.ts';
import { UsageError } from './usage-error.ts';

/** The criteria for selecting cases. */
export interface Selection {
  readonly level: 'core' | 'strict';
  /** Capabilities that the target must declare. */
  readonly capabilities: readonly string[];
  /** Globs for names of suites. */
  readonly suites: readonly string[];
  /** Globs for case ids. A glob without a slash is matched against the part of the id after the suite. */
  readonly cases: readonly string[];
  /** The protocols over which cases run. Default: gRPC. */
  readonly transport?: TransportChoice;
  /** A folder of cases to use instead of the kit's own. */
  readonly fixtures?: string;
}

/**
 * Selects cases and keeps their order. Capability cases belong to both levels, because a target must serve every
 * capability that it declares. Capability cases that also check a strict clause belong to level strict only.
 * @throws UsageError for an empty selection, and for a glob that matches nothing, with the nearest name as a suggestion
 */
export function selectCases<T extends CaseHead>(
  cases: readonly T[],
  selection: Partial<Selection> = {},
): readonly T[] {
  const suites = [...new Set(cases.map(({ suite }) => suite))];
  const inSuites = matcher('--suite', selection.suites ?? [], suites);
  const inCases = matcher(
    '--case',
    selection.cases ?? [],
    cases.map(({ id }) => id),
  );
  const matching = cases.filter(({ id, suite }) => inSuites(suite) && inCases(id));
  if (matching.length === 0) {
    throw new UsageError(
      cases.length === 0 ? 'there are no cases' : 'no case matches both --suite and --case',
    );
  }
  const transports = transportsIn(selection.transport ?? 'grpc');
  const served = matching.filter((testCase) =>
    transports.some((each) => each && appliesOver(each, testCase)),
  );
  if (served.length === 0) {
    const [own, other] = selection.transport === 'http' ? ['HTTP', 'grpc'] : ['gRPC', 'http'];
    throw new UsageError(`no selected case runs over ${own}; use --transport ${other}`);
  }
  const selected = served.filter(
    ({ level, strictOnly = false }) => selection.level !== 'core' || !(level === 'strict' || strictOnly),
  );
  if (selected.length === 0) {
    throw new UsageError(`no selected case is at level ${selection.level}; use --level strict`);
  }
  return selected;
}

/**
 * Keeps the cases that failed last.
 * @param failed their ids. Undefined: keep all cases
 * @throws UsageError if none of them is selected
 */
export function withOnly<T extends CaseHead>(
  cases: readonly T[],
  failed: ReadonlySet<string> | undefined,
): readonly T[] {
  if (failed === undefined) return cases;
  const kept = cases.filter(({ id }) => failed.has(id));
  if (kept.length > 0) return kept;
  throw new UsageError(
    `--failed: the selection has none of the ${count(failed.size, 'case')} that failed last: ${firstOf([...failed], 5)}`,
  );
}

function matcher(
  flag: string,
  globs: readonly string[],
  names: readonly string[],
): (name: string) => boolean {
  if (globs.length === 0) return () => true;
  const tests = globs.map((glob) => {
    const test = picomatch(glob, { basename: !glob.includes('/'), nonegate: true });
    if (!names.some((name) => test(name))) throw unmatchedGlobError(flag, glob, names);
    return test;
  });
  return (name) => tests.some((test) => test(name));
}

function unmatchedGlobError(flag: string, glob: string, names: readonly string[]): UsageError {
  const short = new Map(names.map((name) => [name.split('/').at(-1) ?? name, name]));
  const near =
    nearest(glob, names) ?? short.get(nearest(glob, short.keys()) ?? '') ?? withNearestSuite(glob, names);
  const hint = near === undefined ? '--list shows all names' : `did you mean ${near}?`;
  return new UsageError(`${flag} ${glob} matches nothing; ${hint}`);
}

/** Replaces a misspelt suite name in a glob with the nearest one: `sesions/*` becomes `sessions/*`. */
function withNearestSuite(glob: string, names: readonly string[]): string | undefined {
  const [, suite = '', rest = ''] = /^([^/]+)(\/.*)$/.exec(glob) ?? [];
  const near = nearest(suite, new Set(names.map((name) => name.split('/')[0] ?? '')));
  return near === undefined || near === suite ? undefined : `${near}${rest}`;
}

/**
 * Checks that cases exist for the required capabilities.
 * @throws UsageError with the nearest name
 */
export function checkCapabilities(names: readonly string[], cases: readonly CaseHead[]): void {
  const known = new Set(
    cases.flatMap(({ level, needs }) => [
      ...(level.startsWith('capability:') ? [level.slice('capability:'.length)] : []),
      ...(needs.capabilities ?? []),
    ]),
  );
  for (const name of names) {
    if (known.has(name)) continue;
    const hint = suggest(name, known, `known capabilities: ${listed([...known].sort()) || 'none'}`);
    throw new UsageError(`--capability ${name}: no case checks that capability; ${hint}`);
  }
}
