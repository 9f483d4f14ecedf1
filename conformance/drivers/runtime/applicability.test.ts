import { expect, test } from 'vitest';
import type { Runner } from '../../../runners/runner.ts';
import type { CaseNeeds } from '../../case/case.ts';
import { dataCase } from '../../testing/data-case.ts';
import { mayBegin, reasonNotToRun, type TargetProfile } from './applicability.ts';
import type { Survey } from './survey.ts';

test('begins each case in the earliest phase that provides the information it needs', () => {
  const cases = [
    dataCase('plain', []),
    dataCase('tool', [], { needs: { tools: ['echo'] } }),
    dataCase('capability', [], { level: 'capability:resume' }),
    dataCase('launch', [], { needs: { runner: ['launch'] } }),
    dataCase('launch-and-tool', [], { needs: { runner: ['launch'], tools: ['echo'] } }),
    dataCase('launch-and-capability', [], { needs: { runner: ['launch'], capabilities: ['resume'] } }),
  ];
  const phases = ['starting', 'ready', 'surveyed'] as const;
  const begin = phases.map((phase) => cases.filter((each) => mayBegin(each, phase)).map(({ id }) => id));
  const ready = ['suite/plain', 'suite/capability', 'suite/launch', 'suite/launch-and-capability'];
  expect(begin).toEqual([['suite/launch'], ready, cases.map(({ id }) => id)]);
});

const none: ReadonlySet<string> = new Set();
const survey: Survey = {
  serverCapabilities: new Set(['tools']),
  tools: new Set(['read']),
  resources: none,
  resourceTemplates: none,
  prompts: none,
  own: {},
};

function reasonFor(needs: CaseNeeds, main: string, profile: Partial<TargetProfile> = {}) {
  const testCase = dataCase('one', [], { needs, clauses: [main] });
  const runner = { label: 'command x', controls: new Set() } as unknown as Runner;
  return reasonNotToRun(testCase, { runner, survey, own: {}, declared: [], required: [], ...profile });
}

test('an undeclared MCP capability is no gap for a clause of MCP, but it is one for any other clause', () => {
  expect(reasonFor({ roles: ['prompt'] }, 'MCP-6')).toEqual({
    kind: 'not-declared',
    capability: 'MCP prompts',
  });
  expect(reasonFor({ serverCapabilities: ['logging'] }, 'STREAM-1')).toEqual({
    kind: 'skipped',
    reason: 'the target does not serve MCP capability logging',
    notServed: { kind: 'MCP capability', name: 'logging' },
  });
});

test('a modern case is about the roles that it names, or about capabilities if it uses no item of the catalog', () => {
  const undeclared = { kind: 'not-declared', capability: 'MCP completions' };
  const completions = { serverCapabilities: ['completions'] };
  expect(reasonFor({ roles: ['completion'], ...completions }, 'MODERN-9')).toEqual(undeclared);
  expect(reasonFor(completions, 'MODERN-9')).toEqual(undeclared);
  expect(reasonFor({ tools: ['read'], ...completions }, 'MODERN-9')).toMatchObject({ kind: 'skipped' });
  expect(reasonFor({ prompts: ['test_simple_prompt'] }, 'MODERN-9')).toMatchObject({ kind: 'skipped' });
});

test('a tool that the target lacks is a gap, even if the target does not declare log messages', () => {
  const needs = { tools: ['conformance_touch'], serverCapabilities: ['logging'] };
  expect(reasonFor(needs, 'MCP-10')).toMatchObject({ kind: 'skipped', notServed: { kind: 'tool' } });
});

test('a case that needs the catalog is blocked if discovery failed', () => {
  const by = { case: 'handshake/initialize', clause: 'INIT-1' };
  const failed = { ...survey, serverCapabilities: none, tools: none, problem: { summary: 'status 400', by } };
  const profile = { survey: failed };
  expect(reasonFor({ serverCapabilities: ['prompts'] }, 'MCP-6', profile)).toEqual({
    kind: 'blocked',
    by,
    failure: {
      summary: 'could not discover what the target serves: status 400',
      differences: [],
      clauses: [],
    },
  });
  expect(reasonFor({ roles: ['slow'] }, 'RPC-11', profile)).toMatchObject({ kind: 'blocked' });
  expect(reasonFor({}, 'RPC-1', profile)).toBeUndefined();
});

test('names the role that no item plays', () => {
  expect(reasonFor({ roles: ['slow'] }, 'RPC-11')).toEqual({
    kind: 'skipped',
    reason: 'needs a tool that takes 5 to 10 seconds',
    role: 'slow',
  });
  const own = { slow: { name: 'sleep' } };
  expect(reasonFor({ roles: ['slow'] }, 'RPC-11', { own })).toEqual({
    kind: 'skipped',
    reason: 'the target does not list tool sleep, which the configuration names for "slow"',
  });
});
