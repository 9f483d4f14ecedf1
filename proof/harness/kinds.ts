import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../base/package.ts';
import { loadGatewaySubject } from './gateway-subject.ts';
import { buildGoRuntime, loadGoSubject } from './go-subject.ts';
import { bundledProgram, loadRuntimeSubject, loadVariationSubject } from './runtime-subject.ts';
import type { Subject } from './subject.ts';

/** The kinds of faults, by the word that `npm run prove` knows them by. */
export type FaultKind = 'runtime' | 'gateway' | 'variations' | 'go';

interface KindOfFaults {
  readonly about: string;
  /** Builds what the trials start. */
  prepare(): Promise<void>;
  load(): Promise<Subject>;
}

/** Every kind of faults. */
export const faultKinds: Readonly<Record<FaultKind, KindOfFaults>> = {
  runtime: {
    about: 'faults of the reference runtime: a case of the clause has to catch each',
    prepare: bundle,
    load: loadRuntimeSubject,
  },
  gateway: {
    about: 'faults of our gateway: a case of the clause has to catch each',
    prepare: async () => undefined,
    load: loadGatewaySubject,
  },
  variations: {
    about: 'permitted variations of the reference runtime: the whole suite has to pass each',
    prepare: bundle,
    load: loadVariationSubject,
  },
  go: {
    about: 'faults of the Go runtime: a case of the clause has to catch each; needs Go',
    prepare: buildGoRuntime,
    load: loadGoSubject,
  },
};

async function bundle(): Promise<void> {
  const program = join(packageRoot(), 'dist', 'proof', 'harness', 'faulty-runtime.js');
  const folder = join(packageRoot(), dirname(bundledProgram));
  await promisify(execFile)(process.execPath, [join(packageRoot(), 'bundle.mjs'), program, folder]);
}
