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

/** Names the fault to the binary. */
const variable = 'MCP_RUNTIME_FAULT';

/** Faults of the Go runtime. */
export const goKind: Kind = {
  about: 'faults of the Go runtime: a case of the clause has to catch each; needs Go',
  prepare: buildGoRuntime,
  load: loadGoSubject,
};

/** The Go runtime cannot be built as the proof needs it. The message is one line and the output of the compiler. */
export class GoBuildError extends Error {
  override readonly name = 'GoBuildError';
  readonly code = 'go-build';
}

/** Builds the Go runtime with its faults, and checks that the production build has none. @throws GoBuildError */
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
  const reason = exitCode === 127 ? 'found no go: install Go 1.26 or later' : stderr.trim();
  throw new GoBuildError(`cannot build the Go runtime: ${reason}`);
}

/** The Go runtime, with the faults that its binary lists. */
async function loadGoSubject(): Promise<Subject<GoFault, DataCase>> {
  const { cases, identities } = await loadOwnFixtures();
  const { stdout } = await $`${faultyBinary} faults`.quiet();
  const listed: readonly FaultFacts[] = JSON.parse(`[${stdout.trim().replaceAll('\n', ',')}]`);
  return {
    about: [
      'Each mutant is the Go runtime with one fault, in a build of its own (`runtimes/go/internal/faults`). `npm run prove --',
      'go` holds each against the cases of its clause; this page is what it found.',
    ],
    faults: listed.map((facts) => ({ ...facts, subject: 'go', expects: 'caught' })),
    cases,
    caseTimeoutMs: 5000,
    together: 2,
    casesFor: (fault, wholeSuite) => cases.filter((each) => meetsClause(each, fault, wholeSuite)),
    check(fault, options) {
      const environment: Record<string, string> = fault === undefined ? {} : { [variable]: fault.name };
      return runCommand([faultyBinary], environment, { ...options, identities, concurrency: 8 });
    },
  };
}
