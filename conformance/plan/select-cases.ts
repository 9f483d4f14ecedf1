import picomatch from 'picomatch';
import { nearest, suggest } from '../../base/nearest.ts';
import type { CaseHead } from '../case/case.ts';
import { listed } from '../text/text.ts';
import { UsageError } from './usage-error.ts';

/** Which cases are meant. */
export interface Selection {
  readonly level: 'core' | 'strict';
  /** Capabilities that the target has to declare. */
  readonly capabilities: readonly string[];
  /** Globs. */
  readonly suites: readonly string[];
  /** Globs; one without a slash is held against the name after the suite. */
  readonly cases: readonly string[];
  /** A folder of cases in place of the kit's own. */
  readonly fixtures?: string;
}

/**
 * The cases that a selection means, in their order. Cases of capabilities belong to both levels, unless they check a
 * strict clause too: what a target declares it has to keep.
 * @throws UsageError for a glob that matches nothing, with the nearest name, and where nothing is left
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
      cases.length === 0 ? 'there is no case' : 'no case is in a suite of --suite and meant by --case',
    );
  }
  const selected = matching.filter(
    ({ level, strictOnly = false }) => selection.level !== 'core' || !(level === 'strict' || strictOnly),
  );
  if (selected.length === 0) {
    throw new UsageError(`nothing of the selection is at level ${selection.level}: use --level strict`);
  }
  return selected;
}

function matcher(
  flag: string,
  globs: readonly string[],
  names: readonly string[],
): (name: string) => boolean {
  if (globs.length === 0) return () => true;
  const tests = globs.map((glob) => {
    const test = picomatch(glob, { basename: !glob.includes('/'), nonegate: true });
    if (!names.some((name) => test(name))) throw nothingMatches(flag, glob, names);
    return test;
  });
  return (name) => tests.some((test) => test(name));
}

function nothingMatches(flag: string, glob: string, names: readonly string[]): UsageError {
  const short = new Map(names.map((name) => [name.split('/').at(-1) ?? name, name]));
  const near =
    nearest(glob, names) ?? short.get(nearest(glob, short.keys()) ?? '') ?? withNearestSuite(glob, names);
  const hint = near === undefined ? '--list shows what there is' : `did you mean ${near}?`;
  return new UsageError(`${flag} ${glob} matches nothing; ${hint}`);
}

/** `sessions/*` for `sesions/*`. */
function withNearestSuite(glob: string, names: readonly string[]): string | undefined {
  const [, suite = '', rest = ''] = /^([^/]+)(\/.*)$/.exec(glob) ?? [];
  const near = nearest(suite, new Set(names.map((name) => name.split('/')[0] ?? '')));
  return near === undefined ? undefined : `${near}${rest}`;
}

/**
 * Checks that demanded capabilities are ones that cases know of.
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
    const hint = suggest(name, known, `known are ${listed([...known].sort()) || 'none'}`);
    throw new UsageError(`--capability ${name}: no case checks that capability; ${hint}`);
  }
}
