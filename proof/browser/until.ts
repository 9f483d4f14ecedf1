import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';

const limitMs = 10_000;
const intervalMs = 20;

/**
 * Waits until an expression is true in the page. The debugger evaluates it, because the policy of the page forbids the
 * evaluation of text, with which Playwright waits.
 * @throws Error if it is not true within 10 s
 */
export async function until(page: Page, expression: string): Promise<void> {
  const end = performance.now() + limitMs;
  while ((await page.evaluate(`Boolean(${expression})`)) !== true) {
    if (performance.now() > end) throw new Error(`not true within ${limitMs / 1_000} s: ${expression}`);
    await pause(intervalMs);
  }
}
