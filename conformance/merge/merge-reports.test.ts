import { describe, expect, test } from 'vitest';
import { parseDocument, type ReportDocument } from '../compare/document.ts';
import type { CaseResult, RunSettings, Shard } from '../engine/result.ts';
import { matrixDocument } from '../formats/json/matrix.ts';
import { jsonText, renderJson, reportDocument } from '../formats/json/run.ts';
import { type Implementation, type MatrixShard, makeMatrix } from '../matrix/matrix.ts';
import type { Report } from '../report/report.ts';
import { noTargetReport, sampleReport, sampleResults } from '../report/testing/sample-report.ts';
import { MergeError } from './joinable.ts';
import { mergeReports } from './merge-reports.ts';

const settings: RunSettings = {
  level: 'strict',
  capabilities: ['resume'],
  narrowed: false,
  failOnSkip: false,
};

/** Returns the results of a shard, dealt in turn, with their positions. */
function dealt(
  results: readonly CaseResult[],
  { index, of }: Pick<Shard, 'index' | 'of'>,
): readonly CaseResult[] {
  return results.flatMap((result, place) =>
    place % of === index - 1 ? [{ ...result, case: { ...result.case, ordinal: place + 1 } }] : [],
  );
}

function shardReport(index: number, of = 3, changes: Partial<RunSettings> = {}): Report {
  const results = dealt(sampleResults, { index, of });
  const shard = { index, of, total: sampleResults.length };
  return sampleReport(results, { settings: { ...settings, shard, ...changes } });
}

const parsed = (text: string, file: string) => ({ file, part: parseDocument(text, file) });
const read = (report: Report, file: string) => parsed(renderJson(report), file);
const shards = (...reports: readonly Report[]) =>
  reports.map((report, place) => read(report, `${place + 1}.json`));

/** Passes a value through JSON, which drops undefined members. */
const plain = (value: object) => JSON.parse(jsonText(value));

describe('shards of a run', () => {
  test.each([1, 2, 3, 5, sampleResults.length])('are the whole run again: %i', (of) => {
    const indexes = Array.from({ length: of }, (_, place) => place + 1);
    const parts = of === 1 ? [sampleReport()] : indexes.toReversed().map((index) => shardReport(index, of));
    const merged = mergeReports(shards(...parts));
    const whole = sampleReport();
    expect(plain(merged.document)).toEqual(plain(reportDocument(whole)));
    expect(merged.sentence).toBe(whole.verdict.sentence);
    expect(merged.exitCode).toBe(1);
  });

  test('are the whole run again if their texts were cut', () => {
    const results = sampleResults.map((result): CaseResult => {
      if (result.outcome.kind !== 'failed') return result;
      const failure = { ...result.outcome.failure, summary: `${result.case.id} ${'x'.repeat(5_000)}` };
      return { ...result, outcome: { kind: 'failed', failure } };
    });
    const parts = [1, 2].map((index) =>
      sampleReport(dealt(results, { index, of: 2 }), {
        settings: { ...settings, shard: { index, of: 2, total: results.length } },
      }),
    );
    const { document } = mergeReports(shards(...parts));
    expect(plain(document).verdict).toEqual(plain(reportDocument(sampleReport(results))).verdict);
  });

  test('never claim conformance of the whole, which only the merged report does', () => {
    const passing = sampleResults.slice(0, 2);
    const green = { ...settings, capabilities: [] };
    const parts = [1, 2].map((index) =>
      sampleReport(dealt(passing, { index, of: 2 }), {
        settings: { ...green, shard: { index, of: 2, total: 2 } },
      }),
    );
    for (const [place, { verdict }] of parts.entries()) {
      expect(verdict).toMatchObject({
        conformant: false,
        exitCode: 0,
        sentence: `1 of 1 cases of shard ${place + 1}/2 passed`,
      });
    }
    expect(mergeReports(shards(...parts))).toMatchObject({
      exitCode: 0,
      sentence: 'conformant at strict: 2 of 2 cases passed',
    });
  });

  test('have no verdict if one of them could not test the target', () => {
    const gone = { ...noTargetReport(), target: { label: 'image acme/runtime:1.4', kind: 'image' } };
    const shard = { index: 2, of: 2, total: sampleResults.length };
    const { document, exitCode, sentence } = mergeReports(
      shards(shardReport(1, 2), { ...gone, settings: { ...settings, shard } }),
    );
    expect(exitCode).toBe(3);
    expect(sentence).toContain('the target could not be tested: Shard 2/2: The container runs');
    expect(plain(document).shard).toBeUndefined();
    expect(parseDocument(jsonText(document), 'x.json').kind).toBe('run');
  });
});

describe('reports that do not fit together', () => {
  const run = (report: Report, file: string, change: (document: Record<string, never>) => void) => {
    const document = JSON.parse(renderJson(report));
    change(document);
    return parsed(JSON.stringify(document), file);
  };
  const edited = (change: (document: never) => void) => [
    read(shardReport(1, 2), 'a.json'),
    run(shardReport(2, 2), 'b.json', change as (document: Record<string, never>) => void),
  ];
  const ab = 'a.json and b.json cannot be merged: ';

  test.each<[string, readonly { readonly file: string; readonly part: ReportDocument }[], string]>([
    [
      'a missing shard',
      [read(shardReport(1), 'a.json'), read(shardReport(3), 'b.json')],
      'a.json cannot be merged: there is no report of shard 2/3 of the run',
    ],
    [
      'several missing shards',
      [read(shardReport(1, 9), 'a.json')],
      'a.json cannot be merged: there is no report of shards 2/9, 3/9, 4/9, 5/9, 6/9 and 3 more of the run',
    ],
    [
      'the same shard twice',
      [read(shardReport(1, 2), 'a.json'), read(shardReport(1, 2), 'b.json')],
      `${ab}both are shard 1/2 of the run`,
    ],
    [
      'two whole runs',
      [read(sampleReport(), 'a.json'), read(sampleReport(), 'b.json')],
      `${ab}the first is a complete run, not a shard`,
    ],
    [
      'another number of shards',
      [read(shardReport(1, 2), 'a.json'), read(shardReport(2, 3), 'b.json')],
      `${ab}shard.of is 2 in the first, 3 in the second`,
    ],
    [
      'another level',
      [read(shardReport(1, 2), 'a.json'), read(shardReport(2, 2, { level: 'core' }), 'b.json')],
      `${ab}settings.level is strict in the first, core in the second`,
    ],
    [
      'another requested release',
      [read(shardReport(1, 2), 'a.json'), read(shardReport(2, 2, { contract: '1.0' }), 'b.json')],
      `${ab}settings.contract is absent in the first, 1.0 in the second`,
    ],
    [
      'another selection',
      [read(shardReport(1, 2), 'a.json'), read(shardReport(2, 2, { narrowed: true }), 'b.json')],
      `${ab}settings.narrowed is false in the first, true in the second`,
    ],
    [
      'another kit',
      edited((document: { tool: { version: string } }) => {
        document.tool.version = '9.9.9';
      }),
      `${ab}tool.version is 0.1.0 in the first, 9.9.9 in the second`,
    ],
    [
      'a detected release',
      edited((document: { target: { contract: { release: string } } }) => {
        document.target.contract.release = '1.0';
      }),
      `${ab}target.contract.release is 1.1 in the first, 1.0 in the second`,
    ],
    [
      'another version of the target',
      edited((document: { target: { health: { version: string } } }) => {
        document.target.health.version = '2\u001b[31m';
      }),
      `${ab}target.health.version is 1.4.2 in the first, 2\\x1b[31m in the second`,
    ],
    [
      'a case of both',
      edited((document: { cases: { id: string }[] }) => {
        for (const each of document.cases.slice(0, 1)) each.id = 'health/ok';
      }),
      `${ab}both have the case health/ok`,
    ],
    [
      'a position of both',
      edited((document: { cases: { ordinal: number }[] }) => {
        for (const each of document.cases.slice(0, 1)) each.ordinal = 1;
      }),
      `${ab}both have a case with the ordinal 1`,
    ],
    [
      'another total',
      edited((document: { shard: { total: number } }) => {
        document.shard.total = 7;
      }),
      `${ab}shard.total is ${sampleResults.length} in the first, 7 in the second`,
    ],
  ])('are refused: %s', (_, reports, message) => {
    expect(() => mergeReports(reports)).toThrow(MergeError);
    expect(() => mergeReports(reports)).toThrow(message);
  });
});

describe('matrices', () => {
  const { tool, clauses } = sampleReport();
  const parts = { tool, clauses, level: 'strict', startedAt: 1_740_830_400_000, durationMs: 2_140 } as const;
  const passing = sampleResults.map(
    (result): CaseResult =>
      result.case.id === 'sessions/unknown-session' ? { ...result, outcome: { kind: 'passed' } } : result,
  );
  const matrix = (implementations: readonly Implementation[], shard?: MatrixShard, file = 'm.json') =>
    parsed(jsonText(matrixDocument(makeMatrix({ ...parts, implementations, shard }))), file);
  const run = (results: readonly CaseResult[], shard?: Shard): Report =>
    sampleReport(results, { settings: { ...settings, ...(shard && { shard }) } });
  const part = (results: readonly CaseResult[], index: number): Report =>
    run(dealt(results, { index, of: 2 }), { index, of: 2, total: results.length });
  const whole = [
    { name: 'ts', report: run(passing) },
    { name: 'go', report: run(sampleResults) },
    { name: 'rust', report: noTargetReport() },
  ];
  const expected = plain(matrixDocument(makeMatrix({ ...parts, implementations: whole })));

  /** Drops times, which are those of the parts. */
  const untimed = (document: object) => ({ ...plain(document), startedAt: 0, durationMs: 0 });

  test('of different implementations are one matrix', () => {
    const { document, exitCode } = mergeReports([
      matrix(whole.slice(0, 1), undefined, 'a.json'),
      matrix(whole.slice(1), undefined, 'b.json'),
    ]);
    // Each of the files had dropped the wire events of the cases that its own implementations passed.
    const withoutReceived = (value: object) => {
      const { implementations, disagreements, ...rest } = untimed(value);
      return {
        ...rest,
        names: implementations.map(({ name }: { name: string }) => name),
        count: disagreements.length,
      };
    };
    expect(withoutReceived(document)).toEqual(withoutReceived(expected));
    expect(exitCode).toBe(1);
  });

  test('from shards of targets and of cases are the whole matrix again', () => {
    const targets = ['ts', 'go', 'rust'];
    const shard = (index: number) => ({ index, of: 4, targets });
    const { document } = mergeReports([
      matrix([{ name: 'rust', report: noTargetReport() }], shard(4), '4.json'),
      matrix([{ name: 'ts', report: part(passing, 2) }], shard(2), '2.json'),
      matrix([{ name: 'go', report: run(sampleResults) }], shard(3), '3.json'),
      matrix([{ name: 'ts', report: part(passing, 1) }], shard(1), '1.json'),
    ]);
    expect(untimed(document)).toEqual(untimed(expected));
  });

  test('of a shard make no claim about the whole', () => {
    const green = sampleReport(sampleResults.slice(0, 1), { settings: { ...settings, capabilities: [] } });
    const { verdict } = makeMatrix({
      ...parts,
      implementations: [{ name: 'ts', report: green }],
      shard: { index: 2, of: 5, targets: ['a', 'ts'] },
    });
    expect(verdict.sentence).toBe('1 of 1 implementations pass the cases of shard 2/5: 1 case, 1 clause');
  });

  test.each<[string, ReturnType<typeof matrix>[], string]>([
    [
      'the same implementation',
      [matrix(whole.slice(0, 1), undefined, 'a.json'), matrix(whole.slice(0, 2), undefined, 'b.json')],
      'a.json and b.json cannot be merged: both have the implementation ts',
    ],
    [
      'a missing shard',
      [matrix(whole.slice(0, 1), { index: 1, of: 2, targets: ['ts', 'go'] }, 'a.json')],
      'a.json cannot be merged: there is no report of shard 2/2 of the matrix',
    ],
    [
      'a run and a matrix',
      [read(sampleReport(), 'a.json'), matrix(whole, undefined, 'b.json')],
      'a.json and b.json cannot be merged: the first is the report of a run, the second of a matrix',
    ],
    [
      'a case with other clauses',
      [
        matrix(whole.slice(0, 1), undefined, 'a.json'),
        matrix(
          [
            {
              name: 'go',
              report: run(
                sampleResults.map((each) =>
                  each.case.id === 'health/ok'
                    ? { ...each, case: { ...each.case, clauses: ['RPC-1'] } }
                    : each,
                ),
              ),
            },
          ],
          undefined,
          'b.json',
        ),
      ],
      'a.json and b.json cannot be merged: clauses of health/ok are HEALTH-1 in the first, RPC-1 in the second',
    ],
  ])('are refused with %s', (_, reports, message) => {
    expect(() => mergeReports(reports)).toThrow(message);
  });
});
