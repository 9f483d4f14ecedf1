import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import type { DataCase } from '../../conformance/index.ts';
import { loadOwnFixtures } from '../../conformance/load/compiled.ts';
import type { FaultFacts, GoFault } from './fault.ts';
import { runCommand } from './run-cases.ts';
import { meetsClause } from './runtime-subject.ts';
import type { Kind, Subject } from './subject.ts';

const module = join(packageRoot(), 'runtimes', 'go');
const binaries = join(packageRoot(), 'dist', 'proof', 'go');
const faultyBinary = join(binaries, 'mcp-runtime-with-faults');

/** Environment variable that selects the fault. */
const variable = 'MCP_RUNTIME_FAULT';

/** Faults of the Go runtime. */
export const goKind: Kind = {
  about: 'faults of the Go runtime, each caught by a case of its clause; requires Go',
  prepare: buildGoRuntime,
  load: loadGoSubject,
};

/** Thrown if the Go runtime cannot be built, or its production build contains faults. */
export class GoBuildError extends Error {
  override readonly name = 'GoBuildError';
  readonly code = 'go-build';
}

/** Builds the Go runtime with its faults and checks that the production build is free of them. @throws GoBuildError */
async function buildGoRuntime(): Promise<void> {
  await build(faultyBinary, '-tags', 'faults');
  const production = join(binaries, 'mcp-runtime');
  await build(production);
  if ((await readFile(production)).includes(variable)) {
    throw new GoBuildError(`the production build of the Go runtime contains faults: ${production}`);
  }
}

async function build(binary: string, ...flags: readonly string[]): Promise<void> {
  const go = $({ quiet: true, nothrow: true, cwd: module, env: { ...process.env, CGO_ENABLED: '0' } });
  const { exitCode, stderr } = await go`go build ${flags} -o ${binary} ./cmd/mcp-runtime`;
  if (exitCode === 0) return;
  const reason = exitCode === 127 ? 'go was not found; install Go 1.26 or later' : stderr.trim();
  throw new GoBuildError(`cannot build the Go runtime: ${reason}`);
}

/** Loads the Go runtime as a subject, with the faults that its binary lists. */
async function loadGoSubject(): Promise<Subject<GoFault, DataCase>> {
  const { cases, identities } = await loadOwnFixtures();
  const { stdout } = await $`${faultyBinary} faults`.quiet();
  const listed: readonly FaultFacts[] = JSON.parse(`[${stdout.trim().replaceAll('\n', ',')}]`);
  return {
    about: [
      'Each fault is a deliberate defect of the Go runtime, in a separate build (`runtimes/go/internal/faults`). This page',
      'records a run of `npm run prove -- go`, which runs the cases of its clause against each fault.',
    ],
    faults: listed.map((facts) => ({ ...facts, subject: 'go', expects: 'caught' })),
    cases,
    caseTimeoutMs: 5000,
    together: 2,
    casesFor: (fault, wholeSuite) => cases.filter((each) => meetsClause(each, fault, { wholeSuite })),
    check(fault, options) {
      const environment: Record<string, string> = fault === undefined ? {} : { [variable]: fault.name };
      return runCommand([faultyBinary], environment, { ...options, identities, concurrency: 8 });
    },
  };
}
