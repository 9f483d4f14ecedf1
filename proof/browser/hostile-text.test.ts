import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CaseResult } from '../../conformance/engine/result.ts';
import { renderReport } from '../../conformance/formats/index.ts';
import {
  noTargetReport,
  sampleReport,
  sampleResults,
} from '../../conformance/report/testing/sample-report.ts';
import { launchChromium } from './chromium.ts';
import { goTo, openPage } from './open-page.ts';

const hostile = [
  '</script><script>alert(1)</script>',
  '<img src=x onerror="alert(2)"><svg onload=alert(3)>',
  '<iframe src="javascript:alert(4)"></iframe>',
  '"><a href="javascript:alert(5)" autofocus onfocus=alert(6)>x</a>',
  '{{constructor.constructor("alert(7)")()}} ${alert(8)}',
  '\u001b]8;;https://example.com\u0007link\u001b[31m',
  '\u202eevil\u2066 zero\u200bwidth\ufeff',
  '::error::x\n::set-env name=PATH::/tmp',
].join(' ');
const large = `${hostile}${'x'.repeat(5_000_000)}`;

let browser: Browser;
let folder: string;

beforeAll(async () => {
  browser = await launchChromium();
  folder = await mkdtemp(join(tmpdir(), 'hostile-html-'));
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});

function hostileResult(text: string, index: number): CaseResult {
  const [first] = sampleResults as readonly [CaseResult];
  const id = `health/hostile-${index}`;
  return {
    ...first,
    case: { ...first.case, id, title: text },
    outcome: {
      kind: 'failed',
      failure: {
        summary: text,
        request: { [text]: text },
        expected: text,
        actual: { headers: { [text]: [text] } },
        differences: [{ path: text, expected: text, actual: text }],
        clauses: ['HEALTH-1', text.slice(0, 40)],
      },
    },
    wire: [
      { at: 0, call: `${text.slice(0, 60)}#1`, direction: 'sent', text },
      { at: 500, call: `${text.slice(0, 60)}#1`, direction: 'received', text },
    ],
    logs: [{ at: 1_000, stream: 'stderr', text }],
    evidence: {
      steps: [
        {
          step: {
            verb: text.slice(0, 80),
            argument: { text },
            source: { file: 'x.yaml', line: 1 },
            item: text,
          },
          began: true,
          exchanges: [{ request: text, expected: text, actual: text, differences: [] }],
          exchangesLeftOut: 0,
        },
      ],
      wire: [],
      logs: [],
    },
  };
}

test('hostile text of a target stays text at every place of a report', async () => {
  const report = sampleReport([hostileResult(hostile, 1), hostileResult(large, 2)], {
    target: {
      label: hostile,
      kind: 'command',
      serverInfo: { name: hostile, version: hostile },
      health: { status: hostile, mode: hostile, version: large, capabilities: [hostile] },
    },
  });
  const file = join(folder, 'run.html');
  await writeFile(file, await renderReport(report, 'html'));
  await using opened = await openPage(browser, file, { hash: '#/case/health/hostile-1' });
  const { page } = opened;
  const hashes = [
    '#/case/health/hostile-1',
    '#/case/health/hostile-2',
    '#/',
    '#/finding/1',
    '#/clause/HEALTH-1',
  ];
  for (const hash of [
    ...hashes,
    `#/case/${encodeURIComponent(hostile)}`,
    `#/?text=${encodeURIComponent(hostile)}`,
  ]) {
    await goTo(page, hash);
    const markup = await page
      .locator('#app script, #app img, #app iframe, [onerror], [onload], a[href^="javascript"]')
      .count();
    expect([hash, markup]).toEqual([hash, 0]);
    const text = await page.locator('#app').textContent();
    for (const hidden of '\u001b\u202e\u2066\u200b\ufeff') expect(text).not.toContain(hidden);
  }
  await goTo(page, '#/case/health/hostile-1');
  const shown = await page.locator('main h1').textContent();
  expect(shown).toContain('</script><script>alert(1)</script>');
  expect(shown).toContain('\\u202eevil\\u2066 zero\\u200bwidth\\ufeff');
  expect(opened.complaints).toEqual([]);
});

test('hostile text of a target that could not be tested stays text', async () => {
  const report = noTargetReport();
  const error = { ...report.error, message: hostile, advice: hostile };
  const logs = [{ at: 0, stream: 'stdout' as const, text: large }];
  const file = join(folder, 'no-target.html');
  await writeFile(file, await renderReport({ ...report, error: { ...error, logs } }, 'html'));
  await using opened = await openPage(browser, file);
  expect(await opened.page.locator('main').textContent()).toContain('</script><script>alert(1)</script>');
  expect(opened.complaints).toEqual([]);
});
