import { expect, test } from 'vitest';
import { RuntimeEras } from './runtime-eras.ts';

const level = 'core';
const legacy = { level, revisions: ['2025-11-25'] } as const;
const modern = { level, revisions: ['2026-07-28'] } as const;
const all = { level, revisions: ['2025-11-25', '2026-07-28'] } as const;
const alone = { ...modern, level: 'capability:modern-only' } as const;
const heads = [legacy, modern, all, { ...modern, opensSessions: true }, alone] as const;

function included(eras: RuntimeEras): readonly boolean[] {
  return heads.map((head) => eras.includes(head));
}

test('before a runtime declares its eras, only cases of both eras are known to apply', () => {
  const eras = new RuntimeEras(undefined);
  expect(heads.map((head) => eras.decides(head))).toEqual([false, false, true, false, false]);
  eras.noteCapabilities([]);
  expect(heads.map((head) => eras.decides(head))).toEqual([true, true, true, true, true]);
});

test('a runtime without the capability is checked in the legacy era, and keeps its undeclared cases', () => {
  const eras = new RuntimeEras(undefined);
  eras.noteCapabilities(['stream-head']);
  expect(included(eras)).toEqual([true, true, true, true, false]);
  expect(eras.facts(0)).toEqual({ checked: ['legacy'], origin: 'declared', leftOut: 0 });
});

test('a runtime that serves only the modern era gets no case that needs a session', () => {
  const eras = new RuntimeEras(undefined);
  eras.noteCapabilities(['mcp-2026-07-28', 'modern-only']);
  expect(included(eras)).toEqual([false, true, true, false, true]);
  expect(eras.facts(2)).toEqual({ checked: ['modern'], origin: 'declared', leftOut: 2 });
});

test('a request overrides the declaration', () => {
  const eras = new RuntimeEras('legacy');
  expect(heads.every((head) => eras.decides(head))).toBe(true);
  eras.noteCapabilities(['mcp-2026-07-28', 'modern-only']);
  expect(included(eras)).toEqual([true, false, true, false, false]);
  expect(eras.facts(2)).toEqual({ checked: ['legacy'], origin: 'requested', leftOut: 2 });
  expect(included(new RuntimeEras('both'))).toEqual([true, true, true, true, false]);
});
