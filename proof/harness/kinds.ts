import { dirname, join } from 'node:path';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { loadGatewaySubject } from './gateway-subject.ts';
import { buildGoRuntime, loadGoSubject } from './go-subject.ts';
import { bundledProgram, loadRuntimeSubject, loadVariationSubject } from './runtime-subject.ts';
import type { Subject } from './subject.ts';

interface Kind {
  readonly about: string;
  /** Builds what the trials start. */
  readonly prepare: () => Promise<void>;
  readonly load: () => Promise<Subject>;
}

/** The words by which `npm run prove` knows kinds of faults. */
export type FaultKind = 'runtime' | 'gateway' | 'variations' | 'go';

const caught = 'a case of the clause has to catch each';

/** Every kind of faults. */
export const faultKinds: Readonly<Record<FaultKind, Kind>> = {
  runtime: { about: `faults of the reference runtime: ${caught}`, prepare: bundle, load: loadRuntimeSubject },
  gateway: { about: `faults of our gateway: ${caught}`, prepare: async () => {}, load: loadGatewaySubject },
  variations: {
    about: 'permitted variations of the reference runtime: the whole suite has to pass each',
    prepare: bundle,
    load: loadVariationSubject,
  },
  go: {
    about: `faults of the Go runtime: ${caught}; needs Go`,
    prepare: buildGoRuntime,
    load: loadGoSubject,
  },
};

async function bundle(): Promise<void> {
  const root = packageRoot();
  const program = join(root, 'dist', 'proof', 'harness', 'faulty-runtime.js');
  await $`${process.execPath} ${join(root, 'bundle.mjs')} ${program} ${join(root, dirname(bundledProgram))}`.quiet();
}
