import { expect, test } from 'vitest';
import { standingOf as standingOfKit } from '../../report/summary.ts';
import { sampleReport, sampleResults } from '../../report/testing/sample-report.ts';
import { choicesOf, filterIn, select } from './app/model/case-filter.ts';
import { failingAfter, modelOf } from './app/model/run-model.ts';
import { runPage } from './run-page.ts';

const page = runPage(sampleReport());
const model = modelOf(page);

test('the page of a merged run states no command and no machine', () => {
  expect(page.provenance).toBeDefined();
  expect(runPage({ ...sampleReport(), rerun: () => '' }).provenance).toBeUndefined();
});

test('cases have the standings of the kit', () => {
  expect(model.cases.map(({ id, standing }) => [id, standing])).toEqual(
    sampleResults.map((result) => [result.case.id, standingOfKit(result)]),
  );
});

test('cases know their finding, also if they are blocked', () => {
  const { findings } = model;
  for (const { number, cases, blocked } of findings) {
    for (const id of [...cases, ...blocked]) expect(model.caseById.get(id)?.finding).toBe(number);
  }
  expect(findings.length).toBeGreaterThan(0);
});

test('the failing cases follow each other in the order of the findings', () => {
  const [finding] = model.findings;
  if (finding === undefined) throw new Error('the sample has no finding');
  const findings = [
    { ...finding, cases: ['b/1', 'b/2'] },
    { ...finding, cases: ['a/1'] },
  ];
  const next = ['b/1', 'b/2', 'a/1', 'c/passed'].map((id) => failingAfter({ findings }, id));
  expect(next).toEqual(['b/2', 'a/1', 'b/1', 'b/1']);
  expect(failingAfter({ findings: [] }, 'c/passed')).toBeUndefined();
  expect(failingAfter({ findings: [{ ...finding, cases: ['a/1'] }] }, 'a/1')).toBeUndefined();
});

test('suites have all cases, and chapters all clauses', () => {
  expect(model.suites.flatMap(({ cases }) => cases)).toHaveLength(sampleResults.length);
  expect(model.chapters.flatMap(({ clauses }) => clauses)).toHaveLength(model.clauses.length);
});

test.each([
  ['text=SESSION', ['sessions/unknown-session', 'sessions/closing-ends-streams', 'sessions/close-then-use']],
  ['text=sessions+closing', ['sessions/closing-ends-streams']],
  ['outcome=blocked', ['streams/after-initialize']],
  ['suite=health&outcome=advice', ['health/preferred-code']],
  ['clause=SESSION-4', ['sessions/unknown-session', 'sessions/close-then-use']],
  ['level=capability:resume', ['resume/replay', 'resume/unknown-id']],
  ['era=modern', []],
])('the filter %s selects %j', (query, ids) => {
  const selected = select(model.cases, filterIn(new URLSearchParams(query))).map(({ id }) => id);
  expect(selected).toEqual(expect.arrayContaining(ids));
  if (!query.startsWith('text=SESSION')) expect(selected).toEqual(ids);
});

test('choices have the values of the run, and none without a choice', () => {
  expect(choicesOf(model).map(({ name }) => name)).toEqual(['outcome', 'suite', 'clause', 'level']);
});
