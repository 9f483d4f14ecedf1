import { unobservable } from '../faults/unobservable.ts';
import type { FaultKind } from '../harness/kinds.ts';
import type { Facts } from './facts.ts';
import { kitWords } from './kit-commands.ts';
import type { Marker, Problem } from './markers.ts';
import { staleFaults } from './recorded-faults.ts';
import { staleIsolation } from './recorded-isolation.ts';
import { declaredCases, staleScreen } from './recorded-screen.ts';
import { staleSdks } from './recorded-sdks.ts';
import { staleStryker } from './recorded-stryker.ts';

/** The label of a marker around recorded output. */
export interface Recording {
  /** Date of the recording, such as `2026-11-28`. */
  readonly date: string;
  /** The command line that wrote the output. */
  readonly command: string;
  /** Whether the output was pasted by hand, because the command needs external files, or the output is shortened. */
  readonly byHand: boolean;
}

/** Parses a label of the form `DATE, COMMAND` or `DATE, COMMAND (by hand)`. Returns undefined for any other label. */
export function readRecording(label: string): Recording | undefined {
  const { date, command, hand } =
    /^(?<date>\d{4}-\d\d-\d\d), (?<command>\S.*?)(?<hand> \(by hand\))?$/.exec(label)?.groups ?? {};
  if (date === undefined || command === undefined) return undefined;
  return { date, command, byHand: hand !== undefined };
}

/** Returns the differences between recorded output and this build, with line numbers of the document. */
export async function staleRecording(marker: Marker, facts: Facts): Promise<readonly Problem[]> {
  const recording = readRecording(marker.label);
  if (recording === undefined) {
    return [
      {
        line: marker.line,
        message: 'the marker needs a date and a command: <!-- recorded: 2026-11-28, COMMAND -->',
      },
    ];
  }
  const { command } = recording;
  const kind = /^npm run prove -- (?<kind>runtime|gateway|variations|go) .*--markdown/.exec(command)
    ?.groups?.['kind'];
  if (kind !== undefined) {
    const cases = kind === 'gateway' ? facts.gatewayCases.length : facts.cases.length;
    const faults = facts.faults[kind as FaultKind];
    const hidden = kind === 'runtime' ? unobservable : {};
    const differences = command.includes('--whole-suite')
      ? staleIsolation(marker.content, faults, cases)
      : staleFaults(marker.content, faults, cases, hidden);
    return differences.map((message) => ({ line: marker.line, message }));
  }
  if (/^npm run prove -- stryker .*--markdown/.test(command)) {
    return staleStryker(marker.content).map((message) => ({ line: marker.line, message }));
  }
  if (command === 'npm run prove -- sdks') {
    return staleSdks(marker.content, facts).map((message) => ({ line: marker.line, message }));
  }
  const inDocument = ({ line, message }: Problem) => ({ line: marker.line + line - 1, message });
  if (command === 'npm run prove -- suite-time') return staleBench(marker.content, facts).map(inDocument);
  return kitWords(command) === undefined
    ? []
    : (await staleScreen(command, marker.content, facts)).map(inDocument);
}

/** Checks that the first row of the benchmark counts every case once, and that the slowest cases exist. */
function staleBench(tables: string, { cases }: Facts): readonly Problem[] {
  const ids = new Set(cases.map(({ id }) => id));
  const total = declaredCases(cases).length;
  const lines = tables.split('\n');
  const first = lines.findIndex((line) => /^\| [\d,]+ \| [\d.]+ \| \d+ \|/.test(line));
  const size = Number((lines[first] ?? '').split('|')[1]?.replace(',', ''));
  return [
    ...(size === total
      ? []
      : [{ line: first + 1, message: `measured with ${size} cases, but the suite has ${total}` }]),
    ...lines.flatMap((line, index) => {
      const id = /^\| [\d,]+ \| (\S+\/\S+) \|$/.exec(line)?.[1];
      return id === undefined || ids.has(id) ? [] : [{ line: index + 1, message: `there is no case ${id}` }];
    }),
  ];
}
