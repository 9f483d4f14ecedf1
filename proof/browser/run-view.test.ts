import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunPage } from '../../conformance/formats/html/data/run.ts';
import { launchChromium } from './chromium.ts';
import { dataIn } from './data-in.ts';
import { goTo, interactiveAfter, type OpenPage, openPage, overflowOf, violationsOf } from './open-page.ts';
import { makeReports, type RealReports, realRuns } from './real-reports.ts';
import { until } from './until.ts';

type Name = keyof typeof realRuns;

let browser: Browser;
let reports: RealReports<Name>;
const data = new Map<Name, RunPage>();

beforeAll(async () => {
  [browser, reports] = await Promise.all([launchChromium(), makeReports(realRuns)]);
  for (const name of Object.keys(realRuns) as Name[])
    data.set(name, dataIn(await readFile(reports.files[name], 'utf8')) as RunPage);
}, 600_000);

afterAll(async () => {
  await browser?.close();
  await reports?.[Symbol.asyncDispose]();
});

function pageOf(name: Name): RunPage {
  const found = data.get(name);
  if (found === undefined) throw new Error(`no report of the run ${name}`);
  return found;
}

/** Returns the id of the first case with an outcome. */
function caseWith(name: Name, outcome: string): string {
  const found = pageOf(name).report.cases?.find(({ outcome: { kind } }) => kind === outcome);
  if (found === undefined) throw new Error(`the run ${name} has no case that ${outcome}`);
  return found.id;
}

/** All places of a report: the overview, and one of each kind. */
function placesOf(name: Name): readonly string[] {
  const { report } = pageOf(name);
  const kinds = [...new Set(report.cases?.map(({ outcome }) => outcome.kind))];
  return [
    '#/',
    ...kinds.map((kind) => `#/case/${caseWith(name, kind)}`),
    `#/clause/${report.clauses?.[0]?.clause}`,
    ...((report.verdict?.findings ?? []).length > 0 ? ['#/finding/1'] : []),
    `#/suite/${report.cases?.[0]?.suite}`,
    '#/?outcome=passed&text=session',
    '#/case/no/such-case',
  ];
}

const open = (name: Name, options: Parameters<typeof openPage>[2] = {}): Promise<OpenPage> =>
  openPage(browser, reports.files[name], options);

const headingOf = (page: Page) => page.locator('main h1').first().textContent();

describe.each(Object.keys(realRuns) as Name[])('the report of the %s run', (name) => {
  test.each(['light', 'dark'] as const)(
    'has accessible, quiet pages without requests (%s)',
    async (colorScheme) => {
      await using opened = await open(name, { colorScheme });
      const problems: string[] = [];
      // Only colours differ between the themes.
      const rules = colorScheme === 'dark' ? ['color-contrast'] : undefined;
      for (const place of placesOf(name)) {
        await goTo(opened.page, place);
        for (const violation of await violationsOf(opened.page, rules))
          problems.push(`${place}: ${violation}`);
      }
      expect([...problems, ...opened.complaints]).toEqual([]);
    },
  );

  test('fits a width of 375 pixels', async () => {
    await using opened = await open(name, { viewport: { width: 375, height: 740 } });
    for (const place of placesOf(name)) {
      await goTo(opened.page, place);
      expect([place, await overflowOf(opened.page)]).toEqual([place, 0]);
    }
  });

  test('prints', async () => {
    await using opened = await open(name, { hash: placesOf(name)[1] });
    const pdf = await opened.page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.length).toBeGreaterThan(5_000);
  });

  test('has every case with its steps', () => {
    const { report, evidence } = pageOf(name);
    const ran = report.cases?.filter(({ outcome: { kind } }) => kind === 'passed' || kind === 'failed') ?? [];
    expect(ran.length).toBeGreaterThan(20);
    expect(ran.filter(({ id }) => (evidence[id]?.steps?.length ?? 0) === 0).map(({ id }) => id)).toEqual([]);
  });
});

test('sizes stay within their limits', async () => {
  const size = async (name: Name) => (await readFile(reports.files[name])).length;
  expect(await size('green')).toBeLessThan(1_500_000);
  expect(await size('red')).toBeLessThan(5_000_000);
});

test('the red report is interactive within a second', async () => {
  // Other processes delay some attempts, so the best one counts.
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 12 && best >= 1_000; attempt += 1) {
    await using opened = await open('red');
    best = Math.min(best, await interactiveAfter(opened.page));
  }
  expect(best).toBeLessThan(1_000);
});

describe('a reader of the red report', () => {
  const focused = (page: Page) =>
    page.evaluate<string>('document.activeElement.getAttribute("href") ?? document.activeElement.tagName');
  const placeOf = (page: Page) => page.evaluate<string>('location.hash');

  test('gets from the verdict to the evidence of the first finding by mouse', async () => {
    await using opened = await open('red');
    const { page } = opened;
    expect(await headingOf(page)).toContain(pageOf('red').report.verdict?.sentence.slice(1));
    const findings = pageOf('red').report.verdict?.findings ?? [];
    const [finding] = findings;
    const [, second] = findings.flatMap(({ cases }) => cases);
    await page
      .locator('#findings')
      .locator('xpath=../..')
      .getByRole('link', { name: finding?.clause, exact: true })
      .first()
      .click();
    await expect.poll(() => headingOf(page)).toContain(finding?.summary);
    await page.getByRole('link', { name: `See the example ${finding?.cases[0]}` }).click();
    await page.getByRole('heading', { name: 'Difference' }).waitFor();
    expect(await placeOf(page)).toBe(`#/case/${finding?.cases[0]}`);
    await page.keyboard.press('n');
    await until(page, `location.hash === "#/case/${second}"`);
    await page.goBack();
    await page.getByRole('heading', { name: 'Difference' }).waitFor();
    await page.getByRole('heading', { name: 'On the wire' }).waitFor();
    expect(await page.title()).toContain(`${finding?.cases[0]} · `);
    expect(await page.locator('.steps details[open]').count()).toBe(1);
    expect(await page.locator('.steps details[open] .failing').count()).toBe(1);
    expect(await page.locator('.steps details[open] .violated').textContent()).toContain(finding?.clause);
    expect(await page.locator('.sequence svg').count()).toBe(1);
    expect(opened.complaints).toEqual([]);
  });

  test('gets there by keyboard, and moves through a strip with the arrow keys', async () => {
    await using opened = await open('red');
    const { page } = opened;
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    for (let presses = 0; presses < 40 && !(await focused(page)).startsWith('#/finding/1'); presses += 1) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByText(/See the example/).waitFor();
    expect(await placeOf(page)).toBe('#/finding/1');
    // The heading has the focus, so that a screen reader reads the new page.
    await until(page, 'document.activeElement.tagName === "H1"');

    await goTo(page, '#/');
    const cells = page.locator('.strip').first().locator('a');
    await cells.first().focus();
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toBe(await cells.nth(1).getAttribute('href'));
    await page.keyboard.press('End');
    expect(await focused(page)).toBe(await cells.last().getAttribute('href'));
    await page.keyboard.press('Enter');
    await until(page, 'location.hash.startsWith("#/clause/")');
  });

  test('filters with / and clears with Esc, and the filter is part of the address', async () => {
    await using opened = await open('red');
    const { page } = opened;
    await page.keyboard.press('/');
    await page.keyboard.type('scope');
    await until(page, 'location.hash.includes("text=scope") && document.querySelector("tbody") !== null');
    const ids = await page.locator('tbody tr td:nth-child(2) a').allTextContents();
    const expected = pageOf('red').report.cases?.filter((each) =>
      JSON.stringify([each.id, each.title, each.clauses, each.outcome]).toLowerCase().includes('scope'),
    );
    expect(ids.length).toBeGreaterThan(0);
    expect(expected?.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    await page.keyboard.press('Escape');
    await until(page, 'location.hash === "#/" && document.querySelector("tbody") === null');

    for (const [name, value] of [
      ['Outcome', 'blocked'],
      ['Era', 'legacy'],
      ['Level', 'core'],
      ['Suite', 'sessions'],
      ['Clause', 'SESSION-5'],
    ] as const) {
      await page.getByLabel(name, { exact: true }).selectOption(value);
      await until(page, `location.hash.includes(${JSON.stringify(`${name.toLowerCase()}=${value}`)})`);
      await page.getByRole('button', { name: 'Clear' }).click();
    }
    expect(opened.complaints).toEqual([]);
  });

  test('follows deep links and goes back to where the page was', async () => {
    const [first] = pageOf('red').report.verdict?.findings ?? [];
    await using opened = await open('red', { hash: `#/case/${first?.cases[0]}` });
    const { page } = opened;
    const deep = await headingOf(page);
    await page.locator('.rule-head a').first().click();
    await until(page, 'location.hash.startsWith("#/clause/")');
    await page.goBack();
    await until(page, 'location.hash.startsWith("#/case/")');
    await expect.poll(() => headingOf(page)).toBe(deep);

    await goTo(page, '#/?outcome=failed');
    const row = page.locator('tbody a').first();
    await row.scrollIntoViewIfNeeded();
    const before = await page.evaluate<number>('window.scrollY');
    expect(before).toBeGreaterThan(0);
    await row.click();
    await until(page, 'location.hash.startsWith("#/case/") && window.scrollY === 0');
    await page.goBack();
    await until(page, `location.hash === "#/?outcome=failed" && window.scrollY === ${before}`);
  });

  test('copies the command that reruns a case', async () => {
    const id = caseWith('red', 'failed');
    await using opened = await open('red', {
      hash: `#/case/${id}`,
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const { page } = opened;
    await page.getByRole('button', { name: 'Copy command' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const copied = await page.evaluate('navigator.clipboard.readText()');
    expect(copied).toBe(pageOf('red').report.cases?.find((each) => each.id === id)?.rerun);
  });

  test('switches between dark and light', async () => {
    await using opened = await open('red', { colorScheme: 'light' });
    const { page } = opened;
    const background = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await background();
    await page.getByRole('button', { name: 'Use the dark theme' }).click();
    await page.getByRole('button', { name: 'Use the light theme' }).waitFor();
    expect(await background()).not.toBe(light);
  });

  test('prints a case in light colours, within the page, with the list of its events', async () => {
    const id = caseWith('red', 'failed');
    await using opened = await open('red', {
      hash: `#/case/${id}`,
      colorScheme: 'dark',
      viewport: { width: 700, height: 900 },
    });
    const { page } = opened;
    await page.getByRole('heading', { name: 'On the wire' }).waitFor();
    const colours = () =>
      page.evaluate<string[]>(
        `['--surface', '--line', '--failed-wash'].map((name) => getComputedStyle(document.documentElement).getPropertyValue(name))`,
      );
    const dark = await colours();
    await page.emulateMedia({ media: 'print' });
    const printed = await colours();
    await page.evaluate('document.documentElement.dataset.theme = "light"');
    expect(printed).toEqual(await colours());
    expect(printed).not.toEqual(dark);
    expect(await overflowOf(page)).toBe(0);
    expect(
      await page.evaluate(
        `(() => { const svg = document.querySelector('.sequence svg'); return svg.getBoundingClientRect().right <= innerWidth; })()`,
      ),
    ).toBe(true);
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    expect(await page.locator('.events[open]').count()).toBe(1);
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    expect(await page.locator('.events[open]').count()).toBe(0);
  });

  test('sees the wire of a passed case too', async () => {
    await using opened = await open('red', { hash: `#/case/${caseWith('red', 'passed')}` });
    await opened.page.getByRole('heading', { name: 'Steps' }).waitFor();
    expect(await opened.page.locator('.sequence .arrow').count()).toBeGreaterThan(1);
  });
});
