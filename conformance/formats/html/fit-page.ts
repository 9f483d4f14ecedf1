import { compressed } from './compressed.ts';
import type { CaseJson } from './data/report.ts';
import type { CaseEvidence, RunPage } from './data/run.ts';
import { embedded } from './embedded.ts';
import { FittingCase, type ShownCase } from './fit-case.ts';

/** Maximum size of the data of a green page, in bytes, and its growth with each case that did not pass. */
const maxBytes = { green: 1_350_000, perFailure: 32_000, red: 4_700_000 };
/** Maximum size of one case at first, in characters: of a passed one, and of another. */
const maxCase = { passed: 100_000, others: 400_000 };
const shrink = 0.6;
const maxRounds = 16;

/**
 * Returns a page whose data fits its size. All passed cases have the same limit, and so have the others, so that the
 * largest cases lose the most.
 * @param page the page with the whole report
 * @param gathered the evidence of cases that a run gathered. Default for a case: its part of the report
 */
export function fitPage(page: RunPage, gathered: ReadonlyMap<string, CaseEvidence>): RunPage {
  const { cases } = page.report;
  if (cases === undefined) return page;
  const others = cases.filter((each) => !isPassed(each)).length;
  const limit = Math.min(maxBytes.green + others * maxBytes.perFailure, maxBytes.red);
  const fitting = cases.map((document) => {
    const { id, wire, logs } = document;
    return {
      most: isPassed(document) ? maxCase.passed : maxCase.others,
      each: new FittingCase({ document, evidence: gathered.get(id) ?? { wire, logs } }),
    };
  });
  const inRound = (round: number): RunPage =>
    assemble(
      page,
      fitting.map(({ each, most }) => each.within(most * shrink ** round)),
    );
  let fitted = inRound(0);
  // The first round that fits keeps the most. Each round is smaller than the one before it.
  let [least, most] = [1, maxRounds];
  if (sizeOf(fitted) <= limit) return fitted;
  fitted = inRound(most);
  while (least < most) {
    const middle = Math.floor((least + most) / 2);
    const candidate = inRound(middle);
    if (sizeOf(candidate) <= limit) {
      fitted = candidate;
      most = middle;
    } else least = middle + 1;
  }
  return fitted;
}

function isPassed({ outcome }: CaseJson): boolean {
  return outcome.kind === 'passed';
}

/** Returns the number of bytes that the data of a page takes in its file. */
function sizeOf({ evidence, ...rest }: RunPage): number {
  return Buffer.byteLength(embedded(rest)) + compressed(evidence).length;
}

function assemble(page: RunPage, shown: readonly ShownCase[]): RunPage {
  const hasEvidence = ({ evidence: { steps, wire, logs } }: ShownCase): boolean =>
    steps !== undefined || wire.length + logs.length > 0;
  const evidence = shown.filter(hasEvidence).map(({ document, evidence: each }) => [document.id, each]);
  return {
    ...page,
    report: { ...page.report, cases: shown.map(({ document }) => document) },
    evidence: Object.fromEntries(evidence),
  };
}
