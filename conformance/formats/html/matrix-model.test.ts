import { describe, expect, test } from 'vitest';
import { sampleMatrix } from '../../matrix/testing/sample-matrix.ts';
import { renderMatrixJson } from '../json/matrix.ts';
import { filterIn, selectCases, selectClauses } from './app/views/matrix/matrix-filter.ts';
import { absence, matrixModelOf } from './app/views/matrix/matrix-model.ts';
import type { MatrixPage } from './data/matrix.ts';

const page: MatrixPage = {
  kind: 'matrix',
  schemaVersion: '1.0',
  report: JSON.parse(renderMatrixJson(sampleMatrix())),
  evidence: {},
  contract: [{ id: 'SESSION-2', section: 'Sessions', text: 'An unknown session is answered 404.' }],
};
const model = matrixModelOf(page);

describe('the model of a matrix', () => {
  test('has the outcomes in the order of the implementations', () => {
    expect(model.caseById.get('sessions/unknown-session')).toMatchObject({
      title: 'Title of sessions/unknown-session',
      agreement: 'disagreement',
      standings: ['passed', 'failed', undefined],
      eras: ['legacy'],
      answers: { answers: [{ outcome: 'passed' }, { outcome: 'failed' }, { outcome: 'not tested' }] },
    });
    expect(model.clauseById.get('SESSION-2')).toMatchObject({
      section: 'Sessions',
      standings: ['held', 'violated', undefined],
    });
    expect(model.implementations.map(absence)).toEqual(['not checked', 'not checked', 'not tested']);
  });

  test('makes the chapter from the id of a clause if the page has no contract', () => {
    expect(model.chapters.map(({ title }) => title)).toContain('HEALTH');
  });
});

describe('the filter', () => {
  const cases = (query: string, order?: string) =>
    selectCases(model, filterIn(new URLSearchParams(query)), order).map(({ id }) => id);
  const [health, unknown] = ['health/ok', 'sessions/unknown-session'];

  test.each([
    ['', [unknown, health]],
    ['agreement=disagreement', [unknown]],
    ['outcome=failed', [unknown]],
    ['suite=health', [health]],
    ['clause=SESSION-4', [unknown]],
    ['era=modern', []],
    ['text=404+unknown', [unknown]],
    ['text=nothing', []],
  ])('%s selects %j', (query, ids) => {
    expect(cases(query)).toEqual(ids);
  });

  test('sorts by case, by clause and by the outcome in an implementation', () => {
    expect(cases('', 'case')).toEqual([health, unknown]);
    expect(cases('', 'clause')).toEqual([health, unknown]);
    expect(cases('', 'in:go')).toEqual([unknown, health]);
    expect(cases('', 'in:ts')).toEqual([health, unknown]);
  });

  test('sorts clauses by the worst standing', () => {
    const ids = (query: string, order?: string) =>
      selectClauses(model, filterIn(new URLSearchParams(query)), order).map(({ id }) => id);
    expect(ids('')[0]).toBe('SESSION-2');
    expect(ids('', 'clause')).toEqual(model.clauses.map(({ id }) => id));
    expect(ids('outcome=violated')).toEqual(['SESSION-2']);
    expect(ids('era=modern')).toEqual([]);
  });
});
