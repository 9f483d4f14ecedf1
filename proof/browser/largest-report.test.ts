import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from './chromium.ts';
import { dataIn } from './data-in.ts';
import { interactiveAfter, openPage, violationsOf } from './open-page.ts';
import { makeReports, type RealReports } from './real-reports.ts';

const faulty = (fault: string): string =>
  `${fault}=command:node dist/proof/harness/faulty-runtime.js ${fault}`;
/** Three implementations, of which two fail many cases. */
const targets = ['ts=embedded', faulty('id-as-a-string'), faulty('bad-bodies-are-internal')];
const words = ['matrix', '--ready-timeout', '90'].concat(targets.flatMap((target) => ['--target', target]));

let browser: Browser;
let reports: RealReports<'largest'>;

beforeAll(async () => {
  [browser, reports] = await Promise.all([
    launchChromium(),
    makeReports({ largest: { words, exitCode: 1 } }),
  ]);
}, 400_000);

afterAll(async () => {
  await browser?.close();
  await reports?.[Symbol.asyncDispose]();
});

test('it has three implementations, over 400 cases and over 100 failures, in less than 5 MB', async () => {
  const html = await readFile(reports.files.largest);
  expect(html.length).toBeLessThan(5_000_000);
  const data = dataIn(html.toString());
  if (data.kind !== 'matrix') throw new Error(`the report is one of a ${data.kind}`);
  const { implementations } = data.report;
  expect(implementations).toHaveLength(3);
  const cases = implementations.flatMap(({ report }) => report.cases ?? []);
  expect(cases.length).toBeGreaterThan(3 * 400);
  const failing = cases.filter(({ outcome }) => outcome.kind === 'failed' || outcome.kind === 'blocked');
  expect(failing.length).toBeGreaterThan(100);
});

test('it is interactive within a second', async () => {
  // Other processes delay some attempts, so the best one counts.
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 12 && best >= 1_000; attempt += 1) {
    await using opened = await openPage(browser, reports.files.largest);
    best = Math.min(best, await interactiveAfter(opened.page));
  }
  expect(best).toBeLessThan(1_000);
});

test('its list of all cases is accessible', async () => {
  await using opened = await openPage(browser, reports.files.largest, { hash: '#/cases' });
  expect([...(await violationsOf(opened.page)), ...opened.complaints]).toEqual([]);
});
