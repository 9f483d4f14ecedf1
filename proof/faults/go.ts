import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../base/package.ts';
import type { FaultFacts } from '../harness/fault.ts';

/** The faults of the Go runtime, read from its sources. Unlike its binary, the sources do not need Go. */
export function goFaults(): readonly FaultFacts[] {
  const folder = join(packageRoot(), 'runtimes', 'go', 'internal', 'faults');
  return readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .flatMap((text) => [...text.matchAll(/^\t\{"([a-z0-9-]+)", "([A-Z]+-\d+)", "((?:[^"\\]|\\.)*)"/gm)])
    .map(([, name = '', clause = '', about = '']) => ({ name, clause, about }));
}
