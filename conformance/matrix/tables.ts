import { groupBy } from '../../base/group.ts';
import { type ClauseStanding, type Standing, standingOf, targetInWords } from '../report/summary.ts';
import { duration } from '../text/text.ts';
import type { SideBySide } from './answers.ts';
import type { Implementation, MatrixReport } from './matrix.ts';

export interface Cell {
  readonly text: string;
  /** The meaning of the cell, from which each report format derives the markup. */
  readonly tone: 'good' | 'bad' | 'caution' | 'faint' | 'plain';
}

/** A table. The first column names the row. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Returns the table of implementations: target, server, durations and outcome. */
export function implementationTable({ implementations }: MatrixReport): Table {
  return {
    head: ['implementation', 'target', 'server', 'contract', 'ready after', 'start to verdict', 'outcome'],
    rows: implementations.map(({ name, report }) => {
      if (report.kind === 'no-target') {
        const texts = [name, report.target.label, '', '', '', duration(report.durationMs)];
        return [...texts.map(plain), cell('could not be tested', 'caution')];
      }
      const { target, durationMs } = report.run;
      const { counts, exitCode } = report.verdict;
      const ready = target.readyMs === undefined ? '' : duration(target.readyMs);
      const server = targetInWords(target).server ?? '';
      const contract = target.contract?.release ?? '';
      const texts = [name, target.label, server, contract, ready, duration(durationMs)];
      const outcome = `${counts.passed} of ${counts.total - counts.notDeclared} passed`;
      const tone = exitCode === 0 ? 'good' : exitCode === 1 ? 'bad' : 'caution';
      return [...texts.map(plain), cell(outcome, tone)];
    }),
  };
}

/** Returns the number of clauses held per chapter and implementation: `13`, or `12 of 13`. */
export function chapterTable({ implementations, clauseRows }: MatrixReport): Table {
  const chapters = groupBy(clauseRows, ({ id }) => id.replace(/-\d+$/, ''));
  return {
    head: ['clauses held', ...implementations.map(({ name }) => name)],
    rows: [...chapters].map(([chapter, rows]) => [
      plain(chapter),
      ...implementations.map((tested, index) =>
        heldCell(
          rows.map(({ standings }) => standings[index]),
          tested,
        ),
      ),
    ]),
  };
}

function heldCell(standings: readonly (ClauseStanding | undefined)[], tested: Implementation): Cell {
  if (standings.every((standing) => standing === undefined)) return standingCell(undefined, tested);
  const binding = standings.filter((standing) => standing !== undefined && standing !== 'not declared');
  if (binding.length === 0) return standingCell('not declared', tested);
  const held = binding.filter((standing) => standing === 'held').length;
  if (held === binding.length) return cell(`${held}`, 'good');
  return cell(`${held} of ${binding.length}`, binding.includes('violated') ? 'bad' : 'caution');
}

/** Returns the table of clauses: all of them, those not held by all implementations, or those violated by one. */
export function clauseTable(
  { implementations, clauseRows }: MatrixReport,
  which: 'all' | 'not held' | 'broken',
): Table {
  const isShown = (standing: ClauseStanding | undefined): boolean =>
    standing !== undefined && (which === 'all' || clauseTroubles[which].includes(standing));
  return {
    head: ['clause', 'level', 'weight', ...implementations.map(({ name }) => name)],
    rows: clauseRows
      .filter(({ standings }) => standings.some(isShown))
      .map(({ id, clause, standings }) => [
        ...[id, clause?.level ?? 'unknown', clause?.weight ?? 'unknown'].map(plain),
        ...standings.map((standing, index) => standingCell(standing, implementations[index])),
      ]),
  };
}

const broken: readonly ClauseStanding[] = ['violated', 'known failure', 'not followed'];
const clauseTroubles = { broken, 'not held': [...broken, 'partly held', 'not proven'] };

/** Returns the table of cases: all of them, those not passed by all implementations, or those failed by one. */
export function caseTable(
  { implementations, cases }: MatrixReport,
  which: 'all' | 'not passed' | 'failed',
): Table {
  const rows = cases.map(({ case: head, results }) => {
    return { head, standings: results.map((result) => result && standingOf(result)) };
  });
  const isShown = (standing: Standing | undefined): boolean =>
    standing !== undefined && (which === 'all' || !well[which].includes(standing));
  return {
    head: ['case', 'clause', ...implementations.map(({ name }) => name)],
    rows: rows
      .filter(({ standings }) => standings.some(isShown))
      .map(({ head, standings }) => [
        ...[head.id, head.clauses[0] ?? ''].map(plain),
        ...standings.map((standing, index) => standingCell(standing, implementations[index])),
      ]),
  };
}

/** Returns the table of differences from the expected response. */
export function differenceTable({ answers, rows }: SideBySide): Table {
  return {
    head: ['difference', 'expected', ...answers.map(({ implementation }) => implementation)],
    rows: rows.map(({ path, expected, actual }) => [
      plain(path || '(entire value)'),
      cell(expected, 'good'),
      ...answers.map(({ outcome }, index) => {
        const text = actual[index];
        return text === undefined
          ? cell(outcome === 'passed' ? 'as expected' : '', 'faint')
          : cell(text, 'bad');
      }),
    ]),
  };
}

/** Standings of cases that a table omits. Skipped cases are reported by reason, for each implementation. */
const well: Readonly<Record<'not passed' | 'failed', readonly Standing[]>> = {
  'not passed': ['passed', 'not declared'],
  failed: ['passed', 'not declared', 'skipped', 'not run'],
};

/**
 * Renders a standing. Undefined for an implementation that could not be tested, or whose release of the contract does not
 * contain the clause or the case.
 */
function standingCell(
  standing: Standing | ClauseStanding | undefined,
  tested: Implementation | undefined,
): Cell {
  if (standing === undefined) {
    return tested?.report.kind === 'run' ? cell('other release', 'faint') : cell('not tested', 'caution');
  }
  return cell(standing, tones[standing] ?? 'caution');
}

const tones: Readonly<Partial<Record<Standing | ClauseStanding, Cell['tone']>>> = {
  passed: 'good',
  held: 'good',
  failed: 'bad',
  unstable: 'bad',
  stale: 'bad',
  violated: 'bad',
  'not declared': 'faint',
};

function plain(text: string): Cell {
  return cell(text, 'plain');
}

function cell(text: string, tone: Cell['tone']): Cell {
  return { text, tone };
}
