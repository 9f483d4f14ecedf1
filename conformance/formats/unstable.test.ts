import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { compareReports } from '../compare/compare.ts';
import { parseReport } from '../compare/reading.ts';
import type { CaseResult } from '../engine/result.ts';
import { makePalette } from '../report/palette.ts';
import type { RunReport } from '../report/report.ts';
import { TerminalReporter } from '../report/terminal.ts';
import { greenReport, sampleReport, sampleResults } from '../report/testing/sample-report.ts';
import { renderAnnotations } from './github/annotations.ts';
import { renderJson } from './json/run.ts';
import { renderJunit } from './junit/run.ts';
import { renderMarkdown } from './markdown/run.ts';

const settings = { ...greenReport().run.settings, repeat: 10 };
const attempts = { passed: 7, failed: 3 };

/** Makes a report of ten rounds in which the failing case of the sample also passed. */
function unstableReport(more: Partial<CaseResult> = {}): RunReport {
  const results = sampleResults.slice(0, 3).map((result) => {
    return result.outcome.kind === 'failed' ? { ...result, attempts, ...more } : result;
  });
  return sampleReport(results, { settings });
}

function terminalText(report: RunReport): string {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const output = { write, isTTY: false, columns: undefined };
  const { tool } = report;
  const reporter = new TerminalReporter({
    output,
    tool,
    palette: makePalette(false),
    verbose: false,
    level: 'strict',
  });
  reporter.onStart({ target: report.run.target, cases: report.run.results.map((result) => result.case) });
  reporter.finish(report);
  return text;
}

describe('a case that passes and fails', () => {
  test('is a finding with counts and an example on the terminal', () => {
    const text = terminalText(unstableReport());
    expect(text).toContain(
      'finding 1: SESSION-2, unstable, 3 of 10 attempts failed\n\nUNSTABLE sessions/unknown-session\n',
    );
    expect(text).toContain('failed in 3 of 10 attempts: status: expected 404, got 200');
    expect(text).toContain('   1  SESSION-2   1  unstable, 3 of 10 attempts failed: status: expected 404');
    expect(text).toContain('FAIL  sessions    0 passed, 1 unstable\n');
    expect(text).toContain('not conformant at strict: 1 of 3 cases unstable\n');
  });

  test('is in the JSON report, which matches its schema and can be compared', async () => {
    const text = renderJson(unstableReport());
    const document = JSON.parse(text);
    const schema = JSON.parse(await readFile('conformance/schemas/report.v1.schema.json', 'utf8'));
    const ajv = new Ajv2020();
    addFormats.default(ajv);
    const validate = ajv.compile(schema);
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(document).toMatchObject({ settings: { repeat: 10 } });
    expect(document.verdict).toMatchObject({
      exitCode: 1,
      counts: { failed: 0, unstable: 1 },
      findings: [{ cases: ['sessions/unknown-session'], unstable: attempts }],
    });
    expect(document.cases[2]).toMatchObject({ attempts, outcome: { kind: 'failed' } });
    const green = parseReport(renderJson(greenReport()), 'old.json');
    const { added } = compareReports(green, parseReport(text, 'new.json'));
    expect(added).toMatchObject([{ after: 'unstable' }]);
  });

  test('is a failure in JUnit', () => {
    const xml = renderJunit(unstableReport());
    expect(xml).toContain('failures="1"');
    expect(xml).toContain(
      'type="SESSION-2" message="failed in 3 of 10 attempts: status: expected 404, got 200"',
    );
  });

  test('is a finding in Markdown and a GitHub annotation', () => {
    const markdown = renderMarkdown(unstableReport());
    expect(markdown).toContain('## Finding 1: SESSION-2, unstable, 3 of 10 attempts failed');
    expect(markdown).toContain('**failed in 3 of 10 attempts: ');
    expect(renderAnnotations(unstableReport())).toContain(
      '::error title=SESSION-2%3A unstable%2C 3 of 10 attempts failed::status: expected 404, got 200\n',
    );
  });

  test('does not count if it is a known failure or advice', () => {
    const known = unstableReport({ known: { reason: 'flaky, see issue 9' } }).verdict;
    expect(known).toMatchObject({
      exitCode: 0,
      stale: [],
      findings: [],
      counts: { unstable: 0, knownFailures: 1 },
    });
    const [first] = sampleResults;
    if (first === undefined) throw new Error('the sample is empty');
    const advice = unstableReport({ case: { ...first.case, advisory: true } }).verdict;
    expect(advice).toMatchObject({ exitCode: 0, findings: [], counts: { unstable: 0, advice: 1 } });
  });

  test('is blocked only if no attempt passed', () => {
    const blocked = sampleResults.filter(({ outcome }) => outcome.kind === 'blocked');
    const { verdict } = sampleReport(
      blocked.map((result) => ({ ...result, attempts })),
      { settings },
    );
    expect(verdict).toMatchObject({ exitCode: 1, counts: { blocked: 0, unstable: 1 } });
    expect(verdict.findings).toMatchObject([
      { clause: 'INIT-1', blocked: ['streams/after-initialize'], unstable: attempts },
    ]);
  });
});

test('a case that failed in every attempt is an ordinary finding', () => {
  const { findings, counts, sentence } = unstableReport({ attempts: { passed: 0, failed: 10 } }).verdict;
  expect(findings[0]?.unstable).toBeUndefined();
  expect(counts).toMatchObject({ failed: 1, unstable: 0 });
  expect(sentence).toBe('not conformant at strict: 1 of 3 cases failed');
});

test('a green run names the number of rounds', () => {
  const { verdict } = sampleReport(sampleResults.slice(0, 2), { settings });
  expect(verdict.sentence).toBe('conformant at strict: 2 of 2 cases passed in each of 10 rounds');
});
