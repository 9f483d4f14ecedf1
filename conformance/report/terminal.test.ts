import { afterEach, describe, expect, test, vi } from 'vitest';
import { makeLinks } from './links.ts';
import { makePalette } from './palette.ts';
import { QuietReporter } from './quiet.ts';
import type { Report } from './report.ts';
import { TerminalReporter } from './terminal.ts';
import {
  greenReport,
  hugeFailure,
  noTargetReport,
  sampleReport,
  sampleResults,
} from './testing/sample-report.ts';

interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly colour?: boolean;
  readonly links?: boolean;
  readonly verbose?: boolean;
}

/** Replays a report as a run, with cases ending in reverse order, and returns the output. */
function tell(report: Report, screen: Screen = {}): string {
  let written = '';
  using reporter = new TerminalReporter({
    output: {
      write: (text) => {
        written += text;
      },
      isTTY: screen.isTTY ?? false,
      columns: screen.columns,
    },
    palette: makePalette(screen.colour ?? false),
    links: makeLinks(screen.links ?? false, 'host'),
    tool: report.tool,
    verbose: screen.verbose ?? false,
    level: 'strict',
  });
  reporter.starting('image acme/runtime:1.4');
  if (report.kind === 'run') {
    const { target, results } = report.run;
    const cases = results.map((result) => result.case);
    reporter.onStart({ target, cases });
    for (const head of cases) reporter.onCaseStart(head);
    for (const result of results.toReversed()) {
      if (result.outcome.kind !== 'not-run') reporter.onCaseEnd(result);
    }
  }
  reporter.finish(report);
  return written;
}

/** Returns the text that a terminal finally shows. */
function shown(written: string): string {
  return written
    .split('\n')
    .map((line) => line.split('\r\x1b[2K').at(-1) ?? '')
    .join('\n');
}

const [, , sample] = sampleResults;
if (sample?.outcome.kind !== 'failed') throw new Error('the sample lacks a failure');
const { outcome: sampleOutcome, ...sampleFacts } = sample;
const { failure } = sampleOutcome;

/** Makes several results with the same failure. */
function failures(amount: number) {
  return Array.from({ length: amount }, (_, index) => ({
    ...sampleFacts,
    outcome: sampleOutcome,
    case: { ...sampleFacts.case, id: `sessions/case-${index}` },
  }));
}

describe('TerminalReporter', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test('reports every kind of outcome', async () => {
    await expect(tell(sampleReport())).toMatchFileSnapshot('testing/golden/every-outcome.txt');
  });

  test('uses the width of a terminal', async () => {
    const text = tell(sampleReport(), { columns: 100 });
    await expect(text).toMatchFileSnapshot('testing/golden/every-outcome-100.txt');
  });

  test('fits into 80 columns', () => {
    const text = tell(sampleReport());
    const wide = text.split('\n').filter((line) => line.length > 80);
    // Data from the target and rerun commands are never wrapped.
    expect(wide).toEqual(wide.filter((line) => line.startsWith('    ')));
  });

  test('prints little for a green run', async () => {
    await expect(tell(greenReport())).toMatchFileSnapshot('testing/golden/green.txt');
  });

  test('prints the reason that the target could not be tested', async () => {
    await expect(tell(noTargetReport())).toMatchFileSnapshot('testing/golden/no-target.txt');
  });

  test('prints every case if verbose', async () => {
    const text = tell(sampleReport(sampleResults.slice(0, 6)), { verbose: true });
    await expect(text).toMatchFileSnapshot('testing/golden/verbose.txt');
  });

  test('prints the same text on a terminal and elsewhere', () => {
    const plain = tell(sampleReport());
    const live = tell(sampleReport(), { isTTY: true });
    expect(live).toContain('\r\x1b[2K');
    expect(shown(live)).toBe(plain);
  });

  test('shows progress on a terminal until it is disposed of', () => {
    vi.useFakeTimers();
    let written = '';
    const reporter = new TerminalReporter({
      output: {
        write: (text) => {
          written += text;
        },
        isTTY: true,
        columns: 90,
      },
      palette: makePalette(false),
      tool: greenReport().tool,
      verbose: false,
      level: 'strict',
    });
    const { target, results } = sampleReport().run;
    reporter.starting('image x');
    vi.advanceTimersByTime(1_000);
    expect(written.split('\x1b[2K').at(-1)).toMatch(/^ {2}waiting for the target · \d\.\d s$/);
    reporter.onStart({ target, cases: results.map((result) => result.case) });
    for (const result of results.slice(0, 3)) reporter.onCaseEnd(result);
    for (const result of results.slice(3, 6)) {
      reporter.onCaseStart(result.case);
      vi.advanceTimersByTime(1_000);
    }
    const line = () => written.split('\x1b[2K').at(-1) ?? '';
    const idOf = (index: number) => results[index]?.case.id ?? '';
    expect(line()).toBe(`  10 of 13 cases left · 3.0 s · 1 failing · slowest ${idOf(3)} 3.0 s`.slice(0, 89));
    for (const result of results.slice(3, 5)) reporter.onCaseEnd(result);
    vi.advanceTimersByTime(1_080);
    expect(line()).toMatch(new RegExp(`^ {3}8 of 13 cases left · 4.0 s · .* · slowest ${idOf(5)} 2.0 s$`));
    reporter[Symbol.dispose]();
    expect(written.endsWith('\r\x1b[2K')).toBe(true);
    const before = written;
    vi.advanceTimersByTime(10_000);
    expect(written).toBe(before);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('reports progress in a log if there is no other output', () => {
    vi.useFakeTimers();
    let written = '';
    using reporter = new TerminalReporter({
      output: {
        write: (text) => {
          written += text;
        },
        isTTY: false,
        columns: undefined,
      },
      palette: makePalette(false),
      tool: greenReport().tool,
      verbose: false,
      level: 'strict',
    });
    const { target, results } = greenReport().run;
    reporter.starting('image x');
    written = '';
    vi.advanceTimersByTime(29_000);
    expect(written).toBe('');
    vi.advanceTimersByTime(2_000);
    expect(written).toBe('  waiting for the target · 30.0 s\n');
    reporter.onStart({ target, cases: results.map((result) => result.case) });
    for (const result of results) reporter.onCaseStart(result.case);
    written = '';
    vi.advanceTimersByTime(61_000);
    const [{ case: { id = '' } = {} } = {}] = results;
    expect(written.split('\n')).toEqual([
      `  ${results.length} of ${results.length} cases left · 30.0 s · slowest ${id} 30.0 s`,
      `  ${results.length} of ${results.length} cases left · 60.0 s · slowest ${id} 60.0 s`,
      '',
    ]);
  });

  test('links cases and clauses to their files', () => {
    const linked = tell(sampleReport(), { links: true });
    expect(linked).toContain('/fixtures/cases/sessions.yaml\x1b\\sessions/unknown-session\x1b]8;;\x1b\\');
    expect(linked).toContain('/proto/CONTRACT.md\x1b\\SESSION-2\x1b]8;;\x1b\\');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: links are control characters
    expect(linked.replace(/\x1b]8;;.*?\x1b\\/g, '')).toBe(tell(sampleReport()));
  });

  test('prints only its own colour codes', () => {
    const coloured = tell(sampleReport(), { colour: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    expect(coloured.replace(/\x1b\[\d+m/g, '')).toBe(tell(sampleReport()));
    expect(coloured).toContain('\x1b[31m+ 200\x1b[39m');
    // Escape sequences from the target are removed.
    expect(coloured).toContain('session gone');
  });

  test('limits the size of huge failures', () => {
    const text = tell(sampleReport([hugeFailure()]), { verbose: true });
    expect(text.length).toBeLessThan(60_000);
    expect(text).toContain('4960 events left out'.replace('4960', '4,960'));
    expect(text).toContain('… and 988 more');
  });

  test('prints one failure per finding in full, and all of them if verbose', () => {
    const text = tell(sampleReport(failures(40)));
    expect(text).toContain('finding 1: SESSION-2, 40 cases fail');
    expect(text.match(/^FAILED /gm)).toHaveLength(1);
    expect(text).toContain('  also failing: sessions/case-1, sessions/case-2');
    expect(tell(sampleReport(failures(40)), { verbose: true }).match(/^FAILED /gm)).toHaveLength(40);
  });

  test('ends with an index of findings that fits on a screen of 24 lines', () => {
    const results = failures(40).map((result, index) => ({
      ...result,
      outcome: { kind: 'failed' as const, failure: { ...failure, clauses: [`SESSION-${index}`] } },
    }));
    const text = tell(sampleReport(results, { settings: greenReport().run.settings }));
    const index = text.slice(text.indexOf('fix first (')).split('\n');
    expect(index.length).toBeLessThanOrEqual(24);
    expect(index[1]).toBe('   1  SESSION-0    1  status: expected 404, got 200');
    expect(index).toContain('      and 23 more findings (see above)');
    expect(Math.max(...index.map(({ length }) => length))).toBeLessThanOrEqual(80);
  });
});

describe('QuietReporter', () => {
  /** Returns the output for a report. */
  function quietly(report: Report): string {
    let written = '';
    using reporter = new QuietReporter(
      {
        write: (text) => {
          written += text;
        },
        isTTY: true,
        columns: 80,
      },
      makePalette(false),
    );
    reporter.starting('image acme/runtime:1.4');
    reporter.finish(report);
    return written;
  }

  test('prints one line for a green run', () => {
    const report = greenReport();
    expect(quietly(report)).toBe(`${report.verdict.sentence}\n`);
  });

  test('prints the problems, the index of findings and the verdict', () => {
    expect(quietly(sampleReport())).toMatchInlineSnapshot(`
      "stale known failures (the case passed: remove the entry)
        sessions/close-then-use

      required capabilities not declared
        resume

      not covered: 4 cases of 13
        2  needs tool echo
           limits/one-mebibyte, limits/many
        1  broken (the kit could not run the case): the variable cursor has no value
           limits/inflate
        1  not run: stopped by --bail
           shutdown/drain

      fix first (clause, affected cases, first difference)
         1  SESSION-2   1  status: expected 404, got 200
         2  INIT-1      1  initialize did not create a session: status 500

      not conformant at strict: 1 of 11 cases failed, 1 blocked, required capability resume is not declared, 1 stale known failure, 1 known failure, 1 against advice, 2 skipped, 1 broken, 1 not run
      "
    `);
  });

  test('prints the reason that the target could not be tested', () => {
    expect(quietly(noTargetReport())).toMatchInlineSnapshot(`
      "  The container runs, but nothing listened on its socket within 30 s.
        Bind the path in MCP_RUNTIME_GRPC_UDS, or raise --ready-timeout.

        target log
             120.0 ms  stderr  starting

      the target could not be tested: image acme/runtime:1.4
      "
    `);
  });
});
