import { join } from 'node:path';
import { packageRoot } from '../../base/package.ts';
import type { Program } from './system/runtime-program.ts';

/** The gateway with faults, at least one for each invariant. */
export const allFaults: Program = {
  file: process.execPath,
  args: [join(packageRoot(), 'dist', 'proof', 'chaos', 'faulty-gateway.js')],
};
