import { expect, test } from 'vitest';
import type { Survey } from './survey.ts';
import { surveyOfCase } from './survey-of-case.ts';

const surveyWith = (...capabilities: readonly string[]): Survey => {
  const none: ReadonlySet<string> = new Set();
  const items = { tools: none, resources: none, resourceTemplates: none, prompts: none, own: {} };
  return { ...items, serverCapabilities: new Set(capabilities) };
};
const legacy = surveyWith('tools', 'resources');
const modern = surveyWith('tools', 'logging');
const modernCase = { revisions: ['2026-07-28'] };

test('a case uses the survey of its era', () => {
  expect(surveyOfCase(modernCase, { legacy, modern })).toBe(modern);
  expect(surveyOfCase({ revisions: ['2025-11-25'] }, { legacy, modern })).toBe(legacy);
  expect(surveyOfCase({ revisions: ['2025-11-25', '2026-07-28'] }, { modern })).toBe(modern);
  expect(surveyOfCase(modernCase, { legacy })).toBeUndefined();
  expect(surveyOfCase(modernCase, undefined)).toBeUndefined();
});

test('a modern case that opens sessions has the capabilities of both eras', () => {
  const head = { ...modernCase, opensSessions: true } as const;
  expect([...(surveyOfCase(head, { legacy, modern })?.serverCapabilities ?? [])]).toEqual(['tools']);
  expect(surveyOfCase(head, { modern })).toBe(modern);
});
