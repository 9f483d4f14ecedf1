import { describe, expect, test } from 'vitest';
import {
  greenReport,
  hugeFailure,
  noTargetReport,
  sampleReport,
  sampleResults,
} from '../../report/testing/sample-report.ts';
import { renderMarkdown } from './run.ts';

describe('renderMarkdown', () => {
  test('reports every kind of outcome', async () => {
    await expect(renderMarkdown(sampleReport())).toMatchFileSnapshot('golden/every-outcome.md');
  });

  test('reports a green run', async () => {
    await expect(renderMarkdown(greenReport())).toMatchFileSnapshot('golden/green.md');
  });

  test('gives the reason that the target could not be tested', async () => {
    await expect(renderMarkdown(noTargetReport())).toMatchFileSnapshot('golden/no-target.md');
  });

  test('escapes Markdown in text from the target', () => {
    const [, , failed] = sampleResults;
    if (failed?.outcome.kind !== 'failed') throw new Error('the sample lacks a failure');
    const failure = {
      summary: 'got <img src=x> | *bold* [link](x) @somebody\n# heading',
      request: '```\n</details>',
      differences: [],
      clauses: ['SESSION-2'],
    };
    const text = renderMarkdown(sampleReport([{ ...failed, outcome: { kind: 'failed', failure } }]));
    expect(text).toContain('got \\<img src=x\\> \\| \\*bold\\* \\[link\\](x) @\u200bsomebody \\# heading');
    expect(text).toContain('````\n```\n</details>\n````');
  });

  test('limits its size', () => {
    const text = renderMarkdown(
      sampleReport(Array.from({ length: 60 }, (_, index) => hugeFailure(`LIMIT-${index}`))),
    );
    expect(Buffer.byteLength(text)).toBeLessThan(1_048_576);
    expect(text).toContain('*The rest is omitted.*');
  });
});
