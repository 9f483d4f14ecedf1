import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { until } from './until.ts';

/** A page that is open in the browser, with everything that it must not do. Disposing of it closes the page. */
export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Console messages, errors of the page, and requests for anything but the file itself. */
  readonly complaints: readonly string[];
}

/** Opens a report from disk, at a place of the report. */
export async function openPage(
  browser: Browser,
  file: string,
  { hash = '#/', ...options }: BrowserContextOptions & { readonly hash?: string } = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  const url = pathToFileURL(file).href;
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== url) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(`${url}${hash}`);
  await page.locator('main h1').first().waitFor();
  await page.getByText('Reading the evidence').waitFor({ state: 'detached' });
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** Goes to a place of an open report, and waits until it is rendered. */
export async function goTo(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  await page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))',
  );
  await page.getByText('Reading the evidence').waitFor({ state: 'detached' });
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The part of a result of axe-core that a message needs. */
interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
}

/**
 * Returns the accessibility violations of a page, one line each.
 * @param rules the rules of axe-core to check. Default: all
 */
export async function violationsOf(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  // The debugger evaluates it, because the policy of the page allows no other script.
  await page.evaluate(axe);
  const { violations } = await page.evaluate<{ violations: readonly Violation[] }>(
    `axe.run(${JSON.stringify(rules === undefined ? {} : { runOnly: rules })})`,
  );
  return violations.map(({ id, help, nodes }) => {
    const [first] = nodes;
    const line = `${id}: ${help} (${nodes.length}), ${String(first?.target)}: ${first?.failureSummary ?? ''}`;
    return line.replace(/\s+/g, ' ');
  });
}

/** Returns by how many pixels the page is wider than its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** Returns the milliseconds from the start of the navigation until the page was rendered and could react. */
export async function interactiveAfter(page: Page): Promise<number> {
  await until(page, 'performance.getEntriesByName("interactive").length > 0');
  return page.evaluate('performance.getEntriesByName("interactive")[0].startTime');
}
