import { capabilityOf } from '../../conformance/case/case.ts';
import { appliesInEras, eras, erasOf, modernOnlyCapability } from '../../conformance/case/era.ts';
import { appliesOver } from '../../conformance/case/transport.ts';
import { mcpCapabilitiesOf } from '../../conformance/drivers/runtime/applicability.ts';
import { type DataCase, selectCases } from '../../conformance/index.ts';
import { type Facts, familyOf } from './facts.ts';
import { kitWords, readRun } from './kit-commands.ts';
import type { Problem } from './markers.ts';

/** The cases of a recorded run, by the runtime that it checks. */
interface Totals {
  /** The cases for runtimes that serve every era. */
  readonly all: readonly DataCase[];
  readonly withoutCapabilities: readonly DataCase[];
  /** The cases for runtimes that serve the modern era alone. */
  readonly modernAlone: readonly DataCase[];
}

/**
 * Returns differences between recorded output of the kit and this build: totals, numbers of suites and chapters, ids,
 * titles, clauses, source lines. Line numbers start at 1.
 */
export async function staleScreen(
  command: string,
  screen: string,
  facts: Facts,
): Promise<readonly Problem[]> {
  const totals = await totalsOf(command, facts);
  const lines = screen.split('\n');
  const checks = [totalProblem, suiteProblem, matrixProblem, idProblem, placeProblem];
  const found = lines.flatMap((line, index) =>
    checks.flatMap((check) => check(line, totals, facts)).map((message) => ({ line: index + 1, message })),
  );
  return [...found, ...headingProblems(lines, facts), ...missingRows(lines, totals)];
}

/** Returns the cases over gRPC for runtimes that declare everything and serve both eras. */
export function declaredCases(cases: readonly DataCase[]): readonly DataCase[] {
  return cases.filter(
    (each) => appliesOver('grpc', each) && capabilityOf(each.level) !== modernOnlyCapability,
  );
}

async function totalsOf(command: string, { cases }: Facts): Promise<Totals> {
  const asked = await readRun(kitWords(command) ?? []);
  const selected = asked?.kind === 'run' ? selectCases(cases, asked.request) : cases;
  const all = declaredCases(selected);
  return {
    all,
    modernAlone: selected.filter((each) => appliesInEras(each, ['modern'])),
    withoutCapabilities: all.filter(
      ({ level, needs }) => !level.startsWith('capability:') && !needs.capabilities?.length,
    ),
  };
}

/**
 * The numbers of cases for runtimes that declare everything, no modern revision, no capability, nothing at all, only
 * the modern era, or only tools in the modern era.
 */
function sizesOf({ all, withoutCapabilities, modernAlone }: Totals): readonly number[] {
  const isModern = ({ level }: DataCase) => level === 'capability:mcp-2026-07-28';
  const withoutModern = all.filter((each) => !isModern(each));
  const bare = withoutCapabilities.filter((each) => mcpCapabilitiesOf(each).length === 0);
  const withTools = modernAlone.filter((each) => mcpCapabilitiesOf(each).every((name) => name === 'tools'));
  return [all, withoutCapabilities, withoutModern, bare, modernAlone, withTools].map(({ length }) => length);
}

type Check = (line: string, totals: Totals, facts: Facts) => readonly string[];

/** Checks totals such as `314 of 314 cases passed` or `2 of 29 vectors`. */
const totalProblem: Check = (line, totals, { vectors }) => {
  const sizes = sizesOf(totals);
  const withoutRunner = totals.all.filter(({ needs }) => (needs.runner ?? []).length === 0).length;
  const clauses = new Set(totals.all.flatMap((each) => each.clauses)).size;
  const suites = new Set(totals.all.map(({ suite }) => suite)).size;
  return [
    ...expectNumber(line, /\d+ of (\d+) (?:selected )?cases (?:passed|failed)/, sizes, 'cases'),
    ...expectNumber(line, /^ {2}cases +(\d+) in \d+ suite/, sizes, 'cases'),
    ...expectNumber(line, /^ {2}cases +\d+ in (\d+) suite/, [suites], 'suites'),
    ...expectNumber(line, /: (\d+) cases, \d+ clauses/, sizes, 'cases'),
    ...expectNumber(line, /: \d+ cases, (\d+) clauses/, [clauses], 'clauses'),
    ...expectNumber(
      line,
      /(?:fail|callers fail) \d+ of (\d+) cases/,
      [withoutRunner],
      'cases that work without a runner',
    ),
    ...expectNumber(line, /\d+ of (\d+) vectors/, [vectors], 'vectors'),
    ...expectNumber(line, / \d+ of (\d+) passed$/, eraSizes(line, totals) ?? sizes, 'cases'),
  ];
};

/** Returns the number of cases of an era, if the line is about the cases of one era. */
function eraSizes(line: string, { all }: Totals): readonly number[] | undefined {
  const era = eras.find((each) => line.startsWith(`  ${each} cases `));
  return era === undefined ? undefined : [all.filter((each) => erasOf(each).includes(era)).length];
}

/** Checks the number of cases in lines such as `ok    sessions  14 passed, 1 failed`. */
const suiteProblem: Check = (line, { all, withoutCapabilities, modernAlone }) => {
  const { suite, counts = '' } =
    /^ {2}(?:ok|FAIL|skip|stop) +(?<suite>[a-z-]+) +(?<counts>\d+ .*)$/.exec(line)?.groups ?? {};
  if (suite === undefined) return [];
  const total = [...counts.matchAll(/\d+/g)].reduce((sum, [number]) => sum + Number(number), 0);
  const sizes = [all, withoutCapabilities, modernAlone].map(
    (cases) => cases.filter((each) => each.suite === suite).length,
  );
  return sizes.includes(total) ? [] : [`the suite ${suite} has ${sizes[0]} cases, not ${total}`];
};

/** Checks the number of clauses in lines such as `LIFE  9  9  8 of 9`. */
const matrixProblem: Check = (line, { all }) => {
  const { family, counts = '' } =
    /^ {2}(?<family>[A-Z]+)(?<counts>(?: +\d+(?: of \d+)?)+)$/.exec(line)?.groups ?? {};
  if (family === undefined) return [];
  const size = chapterSizes(all).get(family) ?? 0;
  const wrong = counts
    .trim()
    .split(/ {2,}/)
    .some((cell) => Number(cell.split(' ').at(-1)) !== size);
  return wrong ? [`cases check ${size} clauses of ${family}`] : [];
};

/** Checks that each case id in a line exists. */
const idProblem: Check = (line, _, { cases }) => {
  const suites = new Set(cases.map(({ suite }) => suite));
  const ids = new Set(cases.map(({ id }) => id));
  return [...line.matchAll(/(?<![\w./-])([a-z][a-z-]*)\/([a-z0-9][a-z0-9-]*)(?![\w./])/g)].flatMap(
    ([id, suite = '']) => (suites.has(suite) && !ids.has(id) ? [`there is no case ${id}`] : []),
  );
};

/** Checks the source line of a step, as in `step 4, invoke (fixtures/cases/calls.yaml:170)`. */
const placeProblem: Check = (line, _, { cases }) => {
  const { verb, file, at } =
    /step \d+, (?<verb>\w+) \((?<file>fixtures\/[\w/.-]+):(?<at>\d+)\)/.exec(line)?.groups ?? {};
  if (verb === undefined) return [];
  const isThere = cases.some(({ steps }) =>
    steps.some((step) => step.source.file === file && step.source.line === Number(at)),
  );
  return isThere ? [] : [`there is no step at ${file}:${at}`];
};

/** Checks the title below `FAILED suite/case`, and the level, weight and text of clauses. */
function headingProblems(lines: readonly string[], { cases, clauses }: Facts): readonly Problem[] {
  return lines.flatMap((line, index) => {
    const paragraph = (indent: RegExp) => {
      const rest = lines.slice(index + 1);
      const end = rest.findIndex((each) => !indent.test(each));
      return rest
        .slice(0, end < 0 ? undefined : end)
        .map((each) => each.trim())
        .join(' ');
    };
    const id = /^(?:FAILED|DISAGREE) (\S+)$/.exec(line)?.[1];
    if (id !== undefined) {
      const title = cases.find((each) => each.id === id)?.title;
      return title === undefined || title === paragraph(/^ {2}[^\s…]/)
        ? []
        : [{ line: index + 2, message: `the title of ${id} is "${title}"` }];
    }
    const head = /^ {2}(?:also )?(?<clause>[A-Z]+-\d+) · (?<level>\S+) · (?<weight>\w+)$/.exec(line)?.groups;
    if (head === undefined) return [];
    const clause = clauses.get(head['clause'] ?? '');
    if (clause?.level !== head['level'] || clause?.weight !== head['weight']) {
      return [{ line: index + 1, message: `${head['clause']} has a different level or weight` }];
    }
    const text = paragraph(/^ {4}\S/);
    return text === '' || text === clause?.text
      ? []
      : [{ line: index + 2, message: `the text of ${clause?.id} is "${clause?.text}"` }];
  });
}

/** Returns a problem for the suites and chapters that are missing in a complete output. */
function missingRows(lines: readonly string[], { all }: Totals): readonly Problem[] {
  if (lines.some((line) => line.trim() === '…')) return [];
  const unlisted = (names: Iterable<string>, start: RegExp) => {
    const line = lines.findIndex((each) => start.test(each)) + 1;
    const missing = [...names].filter(
      (name) => !lines.some((each) => new RegExp(`^ +(\\w+ +)?${name} +\\d`).test(each)),
    );
    return line === 0 || missing.length === 0 ? [] : [{ line, message: `not listed: ${missing.join(', ')}` }];
  };
  return [
    ...unlisted(new Set(all.map(({ suite }) => suite)), /^ {2}cases +\d+ in \d+ suite/),
    ...unlisted(chapterSizes(all).keys(), /^ {2}clauses held/),
  ];
}

function chapterSizes(cases: readonly DataCase[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const clause of new Set(cases.flatMap(({ clauses }) => clauses))) {
    sizes.set(familyOf(clause), (sizes.get(familyOf(clause)) ?? 0) + 1);
  }
  return sizes;
}

function expectNumber(
  line: string,
  pattern: RegExp,
  allowed: readonly number[],
  noun: string,
): readonly string[] {
  const found = pattern.exec(line)?.[1];
  if (found === undefined || allowed.includes(Number(found))) return [];
  const [all, withoutCapabilities = all] = allowed;
  const others = withoutCapabilities === all ? '' : ` (without capabilities ${withoutCapabilities})`;
  return [`there are ${all}${others} ${noun}, not ${found}`];
}
