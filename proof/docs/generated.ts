import type { Command, Option } from 'commander';
import { groupBy } from '../../base/group.ts';
import type { CaseHead, Clause } from '../../conformance/index.ts';
import { bindsRuntime } from '../../conformance/load/clauses.ts';
import { unobservable } from '../faults/unobservable.ts';
import type { FaultFacts } from '../harness/fault.ts';
import { type Facts, familyOf } from './facts.ts';
import { markdownTable } from './markdown-table.ts';
import { readFaultPage } from './recorded-faults.ts';
import { readStrykerPage } from './recorded-stryker.ts';

/** The sources of generated content. */
export interface Sources {
  readonly facts: Facts;
  /** The commands of the kit by name, with their options. The first one is the program itself. */
  readonly commands: ReadonlyMap<string, Command>;
  /** Returns the text of the document at a path relative to the package root. */
  readonly textOf: (path: string) => string;
}

type Generate = (sources: Sources) => string;

/**
 * Functions that generate the content of markers, by the name in the marker. Content does not end with a line break.
 */
export const generators: Readonly<Record<string, Generate>> = {
  cases: ({ facts }) => numeral(facts.cases.length),
  suites: ({ facts }) => numeral(facts.suites.length),
  clauses: ({ facts }) => numeral([...facts.clauses.values()].filter(bindsRuntime).length),
  vectors: ({ facts }) => numeral(facts.vectors),
  'gateway-cases': ({ facts }) => numeral(facts.gatewayCases.length),
  'gateway-clauses': ({ facts }) => rangeOf([...facts.clauses.keys()].filter((id) => familyOf(id) === 'GW')),
  'client-clauses': ({ facts }) =>
    rangeOf([...facts.clauses.keys()].filter((id) => familyOf(id) === 'CLIENT')),
  'runtime-faults': ({ facts }) => numeral(facts.faults.runtime.length),
  'gateway-faults': ({ facts }) => numeral(facts.faults.gateway.length),
  'go-faults': ({ facts }) => numeral(facts.faults.go.length),
  variations: ({ facts }) => numeral(facts.faults.variations.length),
  'hostile-targets': ({ facts }) => numeral(facts.hostileTargets.length),
  'runtime-faults-caught': ({ textOf }) => caughtIn(textOf('docs/mutants.md')),
  'gateway-faults-caught': ({ textOf }) => caughtIn(textOf('docs/mutants-gateway.md')),
  'stryker-caught': ({ textOf }) => {
    const { tried, caught } = readStrykerPage(textOf('docs/stryker.md'));
    return `${numeral(caught)} of ${numeral(tried)}`;
  },
  'node-versions': ({ facts }) =>
    facts.nodeVersions
      .map((version) => version.replace(/\.0$/, ''))
      .join(', ')
      .replace(/, (?=[^,]*$)/, ' and '),
  'suite-table': ({ facts }) => suiteTable(facts),
  'chapter-table': ({ facts }) => chapterTable(facts),
  'gateway-suite-table': ({ facts }) => gatewaySuiteTable(facts),
  'option-tables': ({ commands }) => optionTables(commands),
};

function numeral(amount: number): string {
  return amount.toLocaleString('en-US');
}

/**
 * Returns the lowest and the highest id of a chapter. New clauses have the highest id wherever they are in the text.
 */
function rangeOf(ids: readonly string[]): string {
  const sorted = ids.toSorted((one, other) => numberOf(one) - numberOf(other));
  return `\`${sorted[0]}\` to \`${sorted.at(-1)}\``;
}

function numberOf(id: string): number {
  return Number(id.split('-').at(-1));
}

function caughtIn(page: string): string {
  const { rows, caught } = readFaultPage(page);
  return `${numeral(caught)} of ${numeral(rows.length)}`;
}

function suiteTable({ suites }: Facts): string {
  const atCore = ({ level, strictOnly = false }: CaseHead) => level !== 'strict' && !strictOnly;
  return markdownTable(
    ['suite', 'subject', 'cases', 'of them at `core`'],
    suites.map(({ name, about, cases }) => [
      `\`${name}\``,
      oneLine(about),
      numeral(cases.length),
      numeral(cases.filter(atCore).length),
    ]),
  );
}

function gatewaySuiteTable({ gatewayCases }: Facts): string {
  return markdownTable(
    ['suite', 'cases'],
    [...groupBy(gatewayCases, ({ suite }) => suite)].map(([suite, cases]) => [
      `\`${suite}\``,
      numeral(cases.length),
    ]),
  );
}

/** Returns a table of the chapters with the number of clauses, cases and faults in each. */
function chapterTable({ clauses, cases, gatewayCases, faults }: Facts): string {
  const chapters = groupBy([...clauses.values()], ({ id }) => familyOf(id));
  return markdownTable(
    ['chapter', 'title', 'clauses', 'cases', 'faults', 'not observable'],
    [...chapters].map(([family, own]) => {
      const isOf = (id: string) => familyOf(id) === family;
      const checking = [...cases, ...gatewayCases].filter((each) => each.clauses.some(isOf));
      const breaking = [...faults.runtime, ...faults.gateway].filter(({ clause }: FaultFacts) =>
        isOf(clause),
      );
      const hidden = own.filter(({ id }: Clause) => Object.hasOwn(unobservable, id));
      return [
        `\`${family}\``,
        own[0]?.section ?? '',
        numeral(own.length),
        numeral(checking.length),
        numeral(breaking.length),
        hidden.map(({ id }) => id).join(', '),
      ];
    }),
  );
}

/** Returns a section for each command, with a table of its options. */
function optionTables(commands: ReadonlyMap<string, Command>): string {
  return [...commands]
    .map(([name, command]) => {
      const line = `mcp-runtime-conformance${name === '' ? '' : ` ${name}`}`;
      const rows = command.options.filter(({ hidden }) => !hidden).map((option) => optionRow(option));
      return `## \`${line}\`\n\n${oneLine(command.description())}\n\n${markdownTable(['option', 'meaning'], rows)}`;
    })
    .join('\n\n');
}

function optionRow({ flags, description }: Option): readonly string[] {
  // A default may contain the number of cores of this machine.
  return [`\`${flags}\``, oneLine(description).replace(/, here \d+\)/, ')')];
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}
