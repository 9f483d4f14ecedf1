import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { gatewayNeeds } from '../case/gateway-case.ts';
import { reasonToSkip } from '../drivers/gateway/facilities.ts';
import { bindsGateway, loadClauses } from './clauses.ts';
import { loadGatewayCases } from './load.ts';

const contract = await loadClauses(packageRoot());
const cases = await loadGatewayCases(contract);
const binding = [...contract.values()].filter(bindsGateway);

test('every gateway clause is the main clause of a case, and cases name only known clauses', () => {
  const main = new Set(cases.map(({ clauses }) => clauses[0]));
  expect(binding.map(({ id }) => id).filter((id) => !main.has(id))).toEqual([]);
  expect(cases.filter(({ clauses }) => !clauses.every((id) => contract.has(id)))).toEqual([]);
  expect(cases.length).toBeGreaterThanOrEqual(60);
});

test('every core clause for gateways is the main clause of a case at level core', () => {
  const main = new Set(cases.filter(({ level }) => level === 'core').map(({ clauses }) => clauses[0]));
  const core = binding.filter(({ level }) => level === 'gateway:core').map(({ id }) => id);
  expect(core.filter((id) => !main.has(id))).toEqual([]);
});

test('cases that play a capability of the contract do not apply to release 1.0', () => {
  const sinceOf = (id: string) => cases.find((testCase) => testCase.id === id)?.since;
  expect(sinceOf('calls/post-as-stream')).toEqual({ release: '1.1' });
  expect(sinceOf('compatibility/runtime-of-a-later-release')).toBeUndefined();
  expect(sinceOf('calls/post')).toBeUndefined();
});

test('an unmet need is a reason to skip', () => {
  const facilities = { url: new URL('http://127.0.0.1:1'), fields: [], hasFallback: true };
  const reasons = gatewayNeeds.map((need) => {
    const [testCase] = cases.filter((each) => each.gatewayNeeds.includes(need));
    return testCase === undefined ? undefined : [need, reasonToSkip(testCase, facilities) !== undefined];
  });
  expect(reasons).toEqual(
    gatewayNeeds.map((need) => [need, need !== 'short-deadline' && need !== 'remote-address']),
  );
});

test.each([
  ['clauses: [GW-999]', 'x.yaml:6:15 x/a: the contract has no clause GW-999'],
  [
    'clauses: [RPC-1]',
    'x.yaml:6:15 x/a: the main clause RPC-1 does not apply to gateways; put a clause for gateways first',
  ],
  [
    'clauses: [GW-1]\n    steps: [{ sned: {} }]',
    'x.yaml:7:15 x/a: unknown step "sned" in steps[0]; did you mean "send"?',
  ],
  ['clauses: [GW-1]\n    steps: [{ send: { as: 1 } }]', '"as" in step send must be a string, found 1'],
  ['clauses: [GW-1]\n    needs: [bear]', 'must be one of bearer'],
])('rejects %j', async (lines, message) => {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-cases-'));
  try {
    const steps = lines.includes('steps:') ? '' : '\n    steps: [{ send: {} }]';
    const text = `suite: x\nabout: X.\ncases:\n  - case: a\n    title: A\n    ${lines}${steps}\n`;
    await writeFile(join(folder, 'x.yaml'), text);
    await expect(loadGatewayCases(contract, folder)).rejects.toThrow(message);
  } finally {
    await rm(folder, { recursive: true });
  }
});
