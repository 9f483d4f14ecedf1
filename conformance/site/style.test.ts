import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { style } from './style.ts';

const tokensFile = join(packageRoot(), 'conformance/formats/html/app/styles/tokens.css');

/** Returns the custom properties in the block that follows a text. */
function tokensAfter(start: string, css: string): ReadonlyMap<string, string> {
  const from = css.indexOf(start);
  expect(from, start).toBeGreaterThanOrEqual(0);
  const block = css.slice(from, css.indexOf('}', from));
  return new Map(
    [...block.matchAll(/(--[\w-]+):\s*([^;]+)(?:;|$)/g)].map(([, name = '', value = '']) => [
      name,
      value.replace(/,\s*/g, ',').trim(),
    ]),
  );
}

test.each([
  ['light', ':root{', ':root {'],
  ['dark', '(prefers-color-scheme:dark){:root{', ':root[data-theme="dark"] {'],
])('has the colours of the HTML report: %s', (_, ownStart, start) => {
  const own = tokensAfter(ownStart, style);
  const shared = tokensAfter(start, readFileSync(tokensFile, 'utf8'));
  expect(own.size).toBeGreaterThan(15);
  for (const [name, value] of own) expect([name, value]).toEqual([name, shared.get(name)]);
});

test('uses only colours that it defines', () => {
  const defined = new Set([...style.matchAll(/(--[\w-]+):/g)].map(([, name]) => name));
  const used = [...style.matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name);
  expect(used.filter((name) => !defined.has(name))).toEqual([]);
});
