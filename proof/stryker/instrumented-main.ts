import { appendFileSync } from 'node:fs';
import { packageVersion } from '../../base/package.ts';
import { serve } from '../../reference-runtime/process/run.ts';
import { coverageVariable, reachedMutants } from './mutation-switch.ts';

// Program that serves the instrumented reference runtime, as its main program does. The instrumented build bundles it.
const file = process.env[coverageVariable];
if (file !== undefined) {
  process.once('exit', () => appendFileSync(file, `${reachedMutants().join('\n')}\n`));
}
process.exit(await serve({ version: packageVersion() }));
