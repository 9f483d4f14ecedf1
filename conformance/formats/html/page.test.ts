import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../../base/package.ts';
import type { CaseResult } from '../../engine/result.ts';
import {
  greenReport,
  hugeFailure,
  noTargetReport,
  sampleReport,
  sampleResults,
} from '../../report/testing/sample-report.ts';
import { renderReport } from '../index.ts';
import { reportDocument } from '../json/run.ts';
import { visible, withVisibleControls } from './app/model/visible.ts';
import type { RunPage } from './data/run.ts';
import { embedded } from './embedded.ts';
import { renderHtmlPage } from './page.ts';
import { pageOfJson, runPage } from './run-page.ts';

const schemas = ['report', 'matrix', 'compare', 'proto-check', 'bench', 'html-data'].map((name) =>
  JSON.parse(readFileSync(join(packageRoot(), `conformance/schemas/${name}.v1.schema.json`), 'utf8')),
);
const ajv = new Ajv2020({ strict: false, schemas });
addFormats.default(ajv);

/** Returns the data in a page, as the app reads it. */
function dataIn(page: string): RunPage {
  const [, json = ''] = /<script type="application\/json" id="report">(.*?)<\/script>/s.exec(page) ?? [];
  const [, base64 = ''] = /<script type="text\/plain" id="evidence">(.*?)<\/script>/s.exec(page) ?? [];
  const evidence = JSON.parse(gunzipSync(Buffer.from(base64, 'base64')).toString());
  return { ...JSON.parse(json), evidence };
}

test.each([
  ['a run with every kind of result', sampleReport()],
  ['a green run', greenReport()],
  ['a target that could not be tested', noTargetReport()],
  ['failures of any size', sampleReport(Array.from({ length: 100 }, () => hugeFailure()))],
])('the data of %s conforms to the published schema and fits in 5 MB', async (_, report) => {
  const page = await renderReport(report, 'html');
  expect(Buffer.byteLength(page)).toBeLessThan(5_000_000);
  const data = dataIn(page);
  const validate = ajv.getSchema('urn:mcp-runtime-conformance:html-data:1');
  expect([validate?.(data), validate?.errors]).toEqual([true, null]);
});

test('a page can be made from a JSON report alone, with the same verdict', () => {
  const document = JSON.parse(JSON.stringify(reportDocument(sampleReport())));
  const page = pageOfJson(document);
  expect(page.report).toMatchObject({ verdict: document.verdict, clauses: document.clauses });
  expect(dataIn(renderHtmlPage(page)).report.cases).toHaveLength(sampleResults.length);
});

test('the policy allows nothing but the script and the styles of the page', () => {
  const page = renderHtmlPage(runPage(sampleReport()));
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page) ?? [];
  const hash = (text = '') => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const [script] = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text]) => text);
  const [styles] = [...page.matchAll(/<style>(.*?)<\/style>/gs)].map(([, text]) => text);
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(styles)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  expect(/\b(?:src|href)="?https?:/.exec(page)).toBeNull();
});

describe('hostile text', () => {
  const hostile =
    '</script><script>alert(1)</script><img src=x onerror=alert(1)>\u001b[31m\u202e\u200b\ufeff&lt;';

  function hostileCase(): CaseResult {
    const [first] = sampleResults as readonly [CaseResult];
    return {
      ...first,
      case: { ...first.case, title: hostile },
      outcome: {
        kind: 'failed',
        failure: { summary: hostile, differences: [], clauses: ['HEALTH-1'], actual: { [hostile]: hostile } },
      },
      logs: [{ at: 0, stream: 'stderr', text: hostile }],
      wire: [{ at: 0, call: hostile, direction: 'received', text: hostile }],
    };
  }

  test('never becomes markup, and keeps its exact content in the data', () => {
    const report = sampleReport([hostileCase()], {
      target: { label: hostile, kind: 'image', serverInfo: { name: hostile, version: hostile } },
    });
    const page = renderHtmlPage(runPage(report));
    expect(page.match(/<script/g)).toHaveLength(3);
    expect(page.includes('<img')).toBe(false);
    // A failed assertion on the page itself would print all of it.
    expect([...'\u001b\u202e\u200b\ufeff'].filter((hidden) => page.includes(hidden))).toEqual([]);
    expect(dataIn(page).report.target.serverInfo?.name).toBe(hostile);
  });

  test('has visible escapes in the app', () => {
    const shown = JSON.parse(withVisibleControls(embedded({ text: `${hostile}\r\\u001b` })));
    expect(visible(`${hostile}\r\\u001b`)).toBe(shown.text);
    expect(shown.text).toBe(
      '</script><script>alert(1)</script><img src=x onerror=alert(1)>\\x1b[31m\\u202e\\u200b\\ufeff&lt;\\x0d\\u001b',
    );
  });
});
