import { groupBy } from '../../base/group.ts';
import type { CaseResult } from '../engine/result.ts';
import { type ClauseStanding, type Standing, standingOf } from '../report/summary.ts';
import { duration } from '../text/text.ts';
import type { Implementation, MatrixReport } from './matrix.ts';

/** How a cell of a table is to be read, so that each report can mark it in its own way. */
export type CellTone = 'good' | 'bad' | 'caution' | 'faint' | 'plain';

export interface Cell {
  readonly text: string;
  readonly tone: CellTone;
}

/** Rows of cells below a head, the first column naming the row. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** The implementations: what they are, how long they took, and what came of it. */
export function implementationTable({ implementations }: MatrixReport): Table {
  return {
    head: ['implementation', 'target', 'server', 'ready after', 'start to verdict', 'outcome'],
    rows: implementations.map(({ name, report }) => {
      if (report.kind === 'no-target') {
        const time = duration(report.durationMs);
        const outcome = cell('could not be tested', 'caution');
        return [plain(name), plain(report.target.label), plain(''), plain(''), plain(time), outcome];
      }
      const { target, durationMs } = report.run;
      const { serverInfo, readyMs } = target;
      return [
        plain(name),
        plain(target.label),
        plain(serverInfo === undefined ? '' : `${serverInfo.name} ${serverInfo.version}`),
        plain(readyMs === undefined ? '' : duration(readyMs)),
        plain(duration(durationMs)),
        outcomeOf(report),
      ];
    }),
  };
}

function outcomeOf({ verdict }: Extract<Implementation['report'], { kind: 'run' }>): Cell {
  const { counts, exitCode } = verdict;
  const held = counts.total - counts.notDeclared;
  const text = `${counts.passed} of ${held} passed`;
  return cell(text, exitCode === 0 ? 'good' : exitCode === 1 ? 'bad' : 'caution');
}

/** For each chapter of clauses how many of those that bind an implementation it held: `13`, or `12 of 13`. */
export function chapterTable({ implementations, clauseRows }: MatrixReport): Table {
  const chapters = groupBy(clauseRows, ({ id }) => id.replace(/-\d+$/, ''));
  return {
    head: ['clauses held', ...implementations.map(({ name }) => name)],
    rows: [...chapters].map(([chapter, rows]) => [
      plain(chapter),
      ...implementations.map((_, index) => heldCell(rows.map(({ standings }) => standings[index]))),
    ]),
  };
}

function heldCell(standings: readonly (ClauseStanding | undefined)[]): Cell {
  if (standings.every((standing) => standing === undefined)) return cell('no target', 'caution');
  const binding = standings.filter((standing) => standing !== 'not declared');
  if (binding.length === 0) return cell('not declared', 'faint');
  const held = binding.filter((standing) => standing === 'held').length;
  if (held === binding.length) return cell(`${held}`, 'good');
  const tone = binding.includes('violated') ? 'bad' : 'caution';
  return cell(`${held} of ${binding.length}`, tone);
}

/** Clauses by implementation: all of them, those that not every one held, or those that one breaks. */
export function clauseTable(
  { implementations, clauseRows }: MatrixReport,
  which: 'all' | 'not held' | 'broken',
): Table {
  const shown = clauseRows.filter(
    ({ standings }) => which === 'all' || standings.some((standing) => isTrouble(standing, which)),
  );
  return {
    head: ['clause', 'level', 'weight', ...implementations.map(({ name }) => name)],
    rows: shown.map(({ id, clause, standings }) => [
      plain(id),
      plain(clause?.level ?? 'unknown'),
      plain(clause?.weight ?? 'unknown'),
      ...standings.map(clauseCell),
    ]),
  };
}

function isTrouble(standing: ClauseStanding | undefined, which: 'not held' | 'broken'): boolean {
  if (standing === 'violated' || standing === 'known failure' || standing === 'not followed') return true;
  const isOpen = standing === 'partly held' || standing === 'not checked';
  return which === 'not held' && isOpen;
}

function clauseCell(standing: ClauseStanding | undefined): Cell {
  switch (standing) {
    case undefined:
      return cell('no target', 'caution');
    case 'held':
      return cell('held', 'good');
    case 'violated':
      return cell('violated', 'bad');
    case 'not declared':
      return cell('not declared', 'faint');
    default:
      return cell(standing, 'caution');
  }
}

/** Cases by implementation: all of them, those that somebody did not pass who had to, or those that somebody failed. */
export function caseTable(
  { implementations, cases }: MatrixReport,
  which: 'all' | 'not passed' | 'failed',
): Table {
  const shown = cases.filter(
    ({ results }) =>
      which === 'all' ||
      results.some((result) => result !== undefined && !well[which].includes(standingOf(result))),
  );
  return {
    head: ['case', 'clause', ...implementations.map(({ name }) => name)],
    rows: shown.map(({ case: head, results }) => [
      plain(head.id),
      plain(head.clauses[0] ?? ''),
      ...results.map(caseCell),
    ]),
  };
}

/** What keeps a case out of a table. What was not checked is told by reason, for each implementation. */
const well: Readonly<Record<'not passed' | 'failed', readonly Standing[]>> = {
  'not passed': ['passed', 'not declared'],
  failed: ['passed', 'not declared', 'skipped', 'not run'],
};

function caseCell(result: CaseResult | undefined): Cell {
  if (result === undefined) return cell('no target', 'caution');
  const standing = standingOf(result);
  switch (standing) {
    case 'passed':
      return cell('passed', 'good');
    case 'failed':
    case 'stale':
      return cell(standing, 'bad');
    case 'not declared':
      return cell(standing, 'faint');
    default:
      return cell(standing, 'caution');
  }
}

function plain(text: string): Cell {
  return cell(text, 'plain');
}

function cell(text: string, tone: CellTone): Cell {
  return { text, tone };
}
