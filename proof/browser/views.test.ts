import { readFile, writeFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PageData } from '../../conformance/formats/html/data/index.ts';
import { renderHtmlPage } from '../../conformance/formats/html/page.ts';
import { launchChromium } from './chromium.ts';
import { goTo, openPage, overflowOf, violationsOf } from './open-page.ts';
import { makeViewReports, type ViewName, type ViewReports, viewNames } from './view-reports.ts';

let browser: Browser;
let reports: ViewReports;

beforeAll(async () => {
  [browser, reports] = await Promise.all([launchChromium(), makeViewReports()]);
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await reports?.[Symbol.asyncDispose]();
});

/** A place of each kind in each report. */
const places: Readonly<Record<ViewName, readonly string[]>> = {
  matrix: [
    '#/',
    '#/cases',
    '#/cases?agreement=disagreement&order=in:faulty',
    '#/clauses?era=legacy',
    '#/case/sessions/scope-added',
    '#/clause/SESSION-5',
    '#/in/faulty',
    '#/in/faulty/case/sessions/scope-added',
    '#/in/faulty/finding/1',
    '#/in/absent',
    '#/case/no/such-case',
  ],
  compare: ['#/', '#/?change=newly+failing&text=scope', '#/case/sessions/scope-added', '#/case/none'],
  proto: ['#/', '#/break/1', '#/matrix', '#/cases', '#/in/ts', '#/none'],
  faults: ['#/', '#/?clause=SESSION-5', '#/fault/scope-trimmed', '#/fault/none'],
  bench: ['#/', '#/workload/echo-0.2k', '#/workload/none'],
};

const open = (name: ViewName, options: Parameters<typeof openPage>[2] = {}) =>
  openPage(browser, reports.files[name], options);
const headingOf = (page: Page) => page.locator('main h1').first().innerText();
const hashOf = (page: Page): Promise<string> => page.evaluate('location.hash');

// Chromium renders every place several times, which takes a long time on a busy machine.
describe.each(viewNames)('the view of %s', { timeout: 120_000 }, (name) => {
  test.each(['light', 'dark'] as const)(
    'is accessible, quiet and makes no request (%s)',
    async (colorScheme) => {
      await using opened = await open(name, { colorScheme });
      const problems: string[] = [];
      for (const place of places[name]) {
        await goTo(opened.page, place);
        for (const violation of await violationsOf(opened.page)) problems.push(`${place}: ${violation}`);
      }
      expect([...problems, ...opened.complaints]).toEqual([]);
    },
  );

  test('fits a width of 375 pixels, and prints', async () => {
    await using opened = await open(name, { viewport: { width: 375, height: 740 } });
    for (const place of places[name]) {
      await goTo(opened.page, place);
      expect([place, await overflowOf(opened.page)]).toEqual([place, 0]);
    }
    await goTo(opened.page, '#/');
    expect((await opened.page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
    await opened.page.emulateMedia({ media: 'print' });
    expect(await opened.page.locator('.theme').isVisible()).toBe(false);
  });

  test('says so if a place does not exist', async () => {
    await using opened = await open(name, { hash: places[name].at(-1) });
    expect(await headingOf(opened.page)).toBe('Not in this report');
    await opened.page.locator('main a').first().click();
    await expect.poll(() => headingOf(opened.page)).not.toBe('Not in this report');
  });

  test('shows hostile text as text', async () => {
    const file = reports.files[name].replace('.html', '-hostile.html');
    const data = dataIn(await readFile(reports.files[name], 'utf8'));
    await writeFile(file, renderHtmlPage(hostileCopy(data) as PageData));
    await using opened = await openPage(browser, file);
    const links = await opened.page
      .locator('main a')
      .evaluateAll((all) => all.map((each) => each.getAttribute('href')));
    const inside = [...new Set(links)].filter((href) => href?.startsWith('#/'));
    for (const hash of ['#/', ...inside.slice(0, 12)]) {
      await goTo(opened.page, String(hash));
      const markup = opened.page.locator(
        '#app script, #app img, #app iframe, [onerror], [onload], a[href^="javascript"]',
      );
      expect([hash, await markup.count()]).toEqual([hash, 0]);
      const text = await opened.page.locator('body').innerText();
      for (const control of ['\u001b', '\u202e', '\u200b']) expect(text).not.toContain(control);
    }
    await goTo(opened.page, '#/');
    expect(await opened.page.locator('main').innerText()).toContain('<img src=x onerror=alert(1)>');
    expect(opened.complaints).toEqual([]);
  });
});

describe('the view of a matrix', () => {
  test('opens the evidence of a cell, and goes back to the same rows', async () => {
    await using opened = await open('matrix', { hash: '#/cases' });
    const { page } = opened;
    await page.getByLabel('Filter cases by text').fill('scope');
    await page.getByRole('button', { name: 'faulty' }).click();
    await expect.poll(() => hashOf(page)).toBe('#/cases?text=scope&order=in%3Afaulty');
    await page.getByRole('link', { name: 'sessions/scope-added in faulty: failed' }).click();
    await expect.poll(() => hashOf(page)).toBe('#/in/faulty/case/sessions/scope-added');
    await page.getByRole('heading', { name: 'On the wire' }).waitFor();
    const text = await page.locator('main').innerText();
    for (const part of ['Difference', 'Steps', 'On the wire', 'Run this case again'])
      expect(text).toContain(part);
    await page.getByRole('link', { name: 'side by side' }).click();
    await expect.poll(() => headingOf(page)).toBe('sessions/scope-added');
    await page.goBack();
    await page.goBack();
    await expect.poll(() => hashOf(page)).toBe('#/cases?text=scope&order=in%3Afaulty');
    await expect.poll(() => page.getByLabel('Filter cases by text').inputValue()).toBe('scope');
  });

  test('puts disagreements first, with the answers side by side', async () => {
    await using opened = await open('matrix');
    const { page } = opened;
    const first = page.locator('.disagreements > li').first();
    expect(await first.innerText()).toMatch(
      /passed[\s\S]*failed[\s\S]*expected 403, got 200[\s\S]*not tested/,
    );
    await first.locator('a').first().click();
    const answers = () => page.locator('.grid').first().innerText();
    await expect.poll(answers).toMatch(/\/status\s+expected 403/);
    expect(await answers()).toContain('as expected');
  });

  test('can be read with the keyboard alone', async () => {
    await using opened = await open('matrix', { hash: '#/cases?agreement=disagreement' });
    const { page } = opened;
    await page.locator('main .grid tbody a.badge[data-tone="failed"]').first().focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => hashOf(page)).toMatch(/^#\/in\/faulty\/case\//);
    await page.goBack();
    await expect.poll(() => hashOf(page)).toBe('#/cases?agreement=disagreement');
  });

  test('keeps links within the run of an implementation', async () => {
    await using opened = await open('matrix', { hash: '#/in/faulty' });
    const { page } = opened;
    await page.locator('.finding a').first().click();
    await expect.poll(() => hashOf(page)).toBe('#/in/faulty/finding/1');
    await page.getByRole('link', { name: 'Matrix' }).click();
    await expect.poll(() => hashOf(page)).toBe('#/matrix');
  });
});

test('the view of a comparison opens both sides of what got worse', async () => {
  await using opened = await open('compare');
  const { page } = opened;
  expect(await headingOf(page)).toMatch(/\d+ cases? got worse/);
  await page.locator('.changes a').first().click();
  const sides = page.locator('.side-by-side');
  await expect.poll(() => sides.count()).toBe(2);
  expect(await sides.first().innerText()).toContain('passed');
  expect(await sides.last().innerText()).toMatch(/expected 403|got 20\d/);
  await page.goBack();
  await page.getByLabel('Filter changes by text').fill('no such change');
  await expect.poll(() => page.locator('main').innerText()).toContain('No change matches this filter.');
});

test('the view of a proto check shows what a change breaks, and leads to the suite', async () => {
  await using opened = await open('proto');
  const { page } = opened;
  await page.locator('.breaks a').first().click();
  await expect.poll(() => headingOf(page)).toContain('McpRequest.server_id');
  expect(await page.locator('main').innerText()).toContain('Impact on ts');
  await page.locator('.broken-cases a').first().click();
  await expect.poll(() => hashOf(page)).toMatch(/^#\/case\//);
  await page.getByRole('link', { name: 'Proto check' }).click();
  await expect.poll(() => headingOf(page)).toContain('Not compatible');
});

test('the view of faults shows the case that catches each', async () => {
  await using opened = await open('faults');
  const { page } = opened;
  expect(await headingOf(page)).toContain('2 of 2 faults are caught');
  await page.getByRole('link', { name: 'scope-trimmed', exact: true }).click();
  await expect.poll(() => headingOf(page)).toContain('trims scopes');
  expect(await page.locator('main').innerText()).toContain('sessions/scope-of-another');
});

test('the charts of a benchmark give their values to the keyboard', async () => {
  await using opened = await open('bench');
  const { page } = opened;
  await page.getByRole('navigation', { name: 'Workloads' }).getByRole('link').nth(1).click();
  const chart = page.getByRole('slider', { name: 'Distribution of latencies' });
  await chart.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(() => chart.getAttribute('aria-valuetext')).toMatch(/ms: old [\d.]+ %, new [\d.]+ %/);
  expect(await page.locator('.intervals').first().innerText()).toContain('regression');
});

test('a reader who is faster than the page keeps the focus', async () => {
  await using opened = await open('bench');
  const { page } = opened;
  await page.getByRole('navigation', { name: 'Workloads' }).getByRole('link').nth(1).waitFor();
  const focused = await page.evaluate(`(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const arrived = new Promise((done) => addEventListener('hashchange', () => setTimeout(done), { once: true }));
    document.querySelector('nav[aria-label="Workloads"] a:nth-of-type(2)').click();
    await arrived;
    document.querySelector('[role="slider"]').focus();
    for (let frames = 0; frames < 4; frames += 1) await frame();
    return document.activeElement.getAttribute('role');
  })()`);
  expect(focused).toBe('slider');
});

const hostile =
  '<img src=x onerror=alert(1)></script><script>alert(2)</script>\u001b[31m\u202e\u200b::error::x';
/** Words of the reports themselves, such as outcomes. A target cannot choose them. */
const ownWord = /^([a-z][a-z -]{0,24}|\d[\d.]*|[A-Z ]{4,16}|\d{4}-.*Z|[<>.])$/;

/** Returns the data of a page with hostile text in every text that a target, a file or a user can choose. */
function hostileCopy(value: unknown): unknown {
  if (typeof value === 'string') return hostileText(value);
  if (Array.isArray(value)) return value.map(hostileCopy);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name === 'faulty' || name.includes('/') ? hostileText(name) : name,
      hostileCopy(member),
    ]),
  );
}

function hostileText(text: string): string {
  return ownWord.test(text) && text !== 'faulty' && text !== 'old' ? text : `${text}${hostile}`;
}

function dataIn(page: string): unknown {
  return JSON.parse(/<script type="application\/json" id="report">(.*?)<\/script>/s.exec(page)?.[1] ?? '');
}
