import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../base/package.ts';

it.each(['conformance', 'proof'])('the README of %s names the folders in it, and no other', (parent) => {
  const folder = join(packageRoot(), parent);
  const text = readFileSync(join(folder, 'README.md'), 'utf8');
  const named = [...text.matchAll(/^(?:\| )?`[\w./-]+\/`.*$/gm)].flatMap(([line]) =>
    [...(line.split(' | ')[0] ?? line).matchAll(/`([\w./-]+)\/`/g)].map(([, name = '']) => name),
  );
  expect(named.filter((name) => !existsSync(join(folder, name)))).toEqual([]);
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const isNamed = (name: string) => named.some((each) => each.split('/')[0] === name);
  expect(entries.map(({ name }) => name).filter((name) => !isNamed(name))).toEqual([]);
});
