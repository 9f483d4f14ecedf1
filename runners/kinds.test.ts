import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../base/package.ts';
import { defaultTarget, kindOf, targetKinds } from './kinds.ts';
import type { Abilities, Ability } from './target-kind.ts';

const guide = readFileSync(join(packageRoot(), 'docs/targets.md'), 'utf8');

test('names and flags are unique', () => {
  const flags = new Set(targetKinds.flatMap(({ flag, flags: more }) => [flag, ...more]));
  const names = [...flags].map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  const kinds = targetKinds.map(({ name }) => name);
  expect(kinds).toEqual([...new Set(kinds)]);
});

test('the default target needs no setup', () => {
  expect(kindOf(defaultTarget).defaultValue).toBeDefined();
});

describe('docs/targets.md', () => {
  const rows: Readonly<Record<keyof Abilities, string>> = {
    launch: 'the kit starts and stops it',
    signal: 'the kit can send signals to it',
    environment: 'the kit can set its variables',
    socketFile: 'the kit can access the socket file (mode, stale files)',
    logs: 'reports include its log',
    sessionsOutliveRun: 'it keeps running after the run',
  };

  test('has a column for every kind, in help order', () => {
    const cells = targetKinds.map(({ flag }) => `\`--${flag.name}\``);
    expect(rowOf('')).toBe(`| | ${cells.join(' | ')} |`);
  });

  test.each(Object.entries(rows))('states for every kind: %s', (ability, label) => {
    const cells = targetKinds.map(({ abilities }) => word(abilities[ability as keyof typeof rows]));
    expect(rowOf(label)).toBe(`| ${label} | ${cells.join(' | ')} |`);
  });

  test.each(targetKinds.map((kind) => [kind.name, kind] as const))(
    'explains %s and its options',
    (_, kind) => {
      const missing = kind.flags.filter(({ name }) => !guide.includes(`--${name}`));
      expect(missing.map(({ name }) => name)).toEqual([]);
      const headings = guide.split('\n').filter((line) => line.startsWith('## '));
      const wanted = new RegExp(`--${kind.flag.name}\\b`);
      expect(headings, 'docs/targets.md lacks a section').toContainEqual(expect.stringMatching(wanted));
    },
  );
});

/** Returns the row of the table in docs/targets.md with this first cell. */
function rowOf(label: string): string | undefined {
  return guide.split('\n').find((line) => line.startsWith(label === '' ? '| | ' : `| ${label} | `));
}

function word(ability: Ability): string {
  if (typeof ability === 'string') return ability;
  return ability ? 'yes' : 'no';
}
