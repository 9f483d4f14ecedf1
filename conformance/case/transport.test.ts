import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import type { CaseHead, DataCase } from './case.ts';
import { appliesOver, asHttpCase, grpcClauses, httpIdOf, splitHttpId } from './transport.ts';

const source = { file: 'f.yaml', line: 1 };
const head: CaseHead = {
  ...{ id: 's/c', suite: 's', title: 't', clauses: ['RPC-6'], level: 'core', revisions: [], source },
  ...{ needs: {}, alone: false, deadlineMs: 1, reliesOn: ['s/d'] },
};

it('marks the ids of a case over HTTP', () => {
  const setup = { case: 's/d', clause: 'RPC-6' };
  const steps = [{ verb: 'invoke', argument: {}, source, setup }];
  const testCase: DataCase = { ...head, kind: 'data', steps };
  expect(asHttpCase(testCase)).toEqual({
    ...testCase,
    id: 's/c@http',
    suite: 's@http',
    transport: 'http',
    reliesOn: ['s/d@http'],
    steps: [{ ...steps[0], setup: { ...setup, case: 's/d@http' } }],
  });
  expect(splitHttpId(httpIdOf('s/c'))).toEqual({ id: 's/c', transport: 'http' });
  expect(splitHttpId('s/c')).toEqual({ id: 's/c', transport: 'grpc' });
});

describe('a case applies', () => {
  it.each([
    ['grpc', { clauses: ['RPC-12'] }, true],
    ['http', { clauses: ['RPC-12', 'RPC-6'] }, false],
    ['http', { clauses: ['RPC-6', 'RPC-12'] }, true],
    ['http', { level: 'http' }, true],
    ['grpc', { level: 'http' }, false],
  ] as const)('over %s with %j: %s', (transport, more, expected) => {
    expect(appliesOver(transport, { ...head, ...more })).toBe(expected);
  });
});

it('lists the clauses that the contract names', () => {
  const contract = readFileSync(join(packageRoot(), 'proto', 'CONTRACT.md'), 'utf8');
  const [, list = ''] = /do not bind over HTTP: ([^.]*)\./.exec(contract) ?? [];
  const named = list.split(',').flatMap((part) => {
    const [, chapter = '', from, to = from] = /([A-Z]+)-(\d+)(?: to [A-Z]+-(\d+))?/.exec(part) ?? [];
    const first = Number(from);
    return Array.from({ length: Number(to) - first + 1 }, (_, index) => `${chapter}-${first + index}`);
  });
  expect([...grpcClauses]).toEqual(named);
});
