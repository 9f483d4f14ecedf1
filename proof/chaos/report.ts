import { markdownTable } from '../docs/markdown-table.ts';
import { invariants } from './invariants/ledger.ts';
import { mebibytes } from './invariants/memory.ts';
import type { ChaosResult } from './run-chaos.ts';

/** Renders the tables of a run as Markdown. */
export function describeChaos(result: ChaosResult): string {
  return [
    disturbanceTable(result),
    ...leftOut(result),
    invariantTable(result),
    replyTable(result),
    memoryTable(result),
    `The last of ${result.callers} callers got a right answer ${(result.recoveryMs / 1_000).toFixed(1)} s after the chaos.`,
  ].join('\n\n');
}

function disturbanceTable({ disturbances }: ChaosResult): string {
  const rows = disturbances.map(({ name, places }) => {
    const count = (role: string) => {
      const matching = Object.entries(places).filter(([place]) => place.startsWith(role));
      return matching.reduce((sum, [, times]) => sum + times, 0);
    };
    return [name, `${count('gateway')}`, `${count('runtime')}`];
  });
  return markdownTable(['disturbance', 'gateways', 'runtimes'], rows);
}

function leftOut({ disturbances }: ChaosResult): readonly string[] {
  const lines = disturbances.flatMap(({ name, leftOut }) => leftOut.map((reason) => `- ${name}: ${reason}`));
  return lines.length === 0 ? [] : [`Left out:\n\n${lines.join('\n')}`];
}

function invariantTable(result: ChaosResult): string {
  const rows = result.invariants.map(({ name, checks, violations }) => {
    return [invariants[name], formatted(checks), formatted(violations)];
  });
  return markdownTable(['invariant', 'checks', 'violations'], rows);
}

function replyTable({ replies }: ChaosResult): string {
  const rows = Object.entries(replies)
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([name, count]) => [replyNames[name] ?? name, formatted(count)]);
  return markdownTable(['reply', 'number'], rows);
}

const replyNames: Readonly<Record<string, string>> = {
  broken: 'none: no connection, or it broke',
  late: 'none within the time limit',
};

function memoryTable({ memory }: ChaosResult): string {
  const rows = memory.map(({ name, peak, after, limits }) => [
    name,
    `${mebibytes(peak)} of ${mebibytes(limits.peak)}`,
    after === undefined ? 'not measured' : `${mebibytes(after)} of ${mebibytes(limits.after)}`,
  ]);
  return markdownTable(['process', 'highest memory, of its limit', 'after the load, of its limit'], rows);
}

function formatted(count: number): string {
  return count.toLocaleString('en-US');
}
