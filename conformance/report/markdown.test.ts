import { describe, expect, test } from 'vitest';
import { renderMarkdown } from './markdown.ts';
import {
  greenReport,
  hugeFailure,
  noTargetReport,
  sampleReport,
  sampleResults,
} from './testing/sample-report.ts';

describe('renderMarkdown', () => {
  test('tells every kind of outcome', async () => {
    await expect(renderMarkdown(sampleReport())).toMatchFileSnapshot('testing/golden/every-outcome.md');
  });

  test('tells that all is well', async () => {
    await expect(renderMarkdown(greenReport())).toMatchFileSnapshot('testing/golden/green.md');
  });

  test('says why there is no target', async () => {
    await expect(renderMarkdown(noTargetReport())).toMatchFileSnapshot('testing/golden/no-target.md');
  });

  test('takes nothing that comes from a target as Markdown', () => {
    const [, , failed] = sampleResults;
    if (failed?.outcome.kind !== 'failed') throw new Error('the sample has a failure');
    const failure = {
      summary: 'got <img src=x> | *bold* [link](x) @somebody\n# heading',
      request: '```\n</details>',
      differences: [],
    };
    const text = renderMarkdown(sampleReport([{ ...failed, outcome: { kind: 'failed', failure } }]));
    expect(text).toContain('got \\<img src=x\\> \\| \\*bold\\* \\[link\\](x) @\u200bsomebody \\# heading');
    expect(text).toContain('````\n```\n</details>\n````');
  });

  test('is bounded', () => {
    const text = renderMarkdown(sampleReport(new Array(60).fill(hugeFailure())));
    expect(Buffer.byteLength(text)).toBeLessThan(1_048_576);
    expect(text).toContain('*The rest is left out.*');
  });
});
