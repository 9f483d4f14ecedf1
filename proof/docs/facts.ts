import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CaseHead,
  type Clauses,
  type DataCase,
  type GatewayCase,
  loadClauses,
  loadGatewayCases,
  packageRoot,
} from '../../conformance/index.ts';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';
import { goFaults } from '../faults/go.ts';
import { gatewayFaults, runtimeFaults, variations } from '../faults/index.ts';
import type { FaultFacts } from '../harness/fault.ts';
import { hostileTargets } from '../hostile/targets/index.ts';

/** A suite with its cases. */
export interface SuiteFacts {
  readonly name: string;
  readonly about: string;
  readonly cases: readonly CaseHead[];
}

/** The items that the documentation counts or lists, read from the kit's own sources. */
export interface Facts {
  readonly clauses: Clauses;
  readonly suites: readonly SuiteFacts[];
  readonly cases: readonly DataCase[];
  readonly gatewayCases: readonly GatewayCase[];
  readonly vectors: number;
  /** Faults by their kind in `npm run prove`. */
  readonly faults: Readonly<Record<'runtime' | 'gateway' | 'variations' | 'go', readonly FaultFacts[]>>;
  /** Node versions that the gate tests, oldest first. */
  readonly nodeVersions: readonly string[];
  /** Names of the hostile targets. */
  readonly hostileTargets: readonly string[];
}

/** Reads the facts. @throws FixtureError, ContractError */
export async function loadFacts(): Promise<Facts> {
  const clauses = await loadClauses(packageRoot());
  const { cases, suites } = await loadOwnFixtures();
  const vectors = await readdir(join(packageRoot(), 'fixtures', 'vectors'));
  return {
    clauses,
    suites,
    cases,
    gatewayCases: await loadGatewayCases(clauses),
    vectors: vectors.filter((file) => file.endsWith('.bin')).length,
    faults: { runtime: runtimeFaults, gateway: gatewayFaults, variations, go: goFaults() },
    nodeVersions: await readNodeVersions(),
    hostileTargets: Object.keys(hostileTargets),
  };
}

async function readNodeVersions(): Promise<readonly string[]> {
  const script = await readFile(join(packageRoot(), '.ci', 'node-versions.mjs'), 'utf8');
  const list = /^const versions = \[(.*)\];$/m.exec(script)?.[1] ?? '';
  return [...list.matchAll(/'([\d.]+)'/g)].map(([, version = '']) => version);
}

/** Returns the chapter of a clause id, such as `SESSION` for `SESSION-4`. */
export function familyOf(clause: string): string {
  return clause.replace(/-\d+$/, '');
}
