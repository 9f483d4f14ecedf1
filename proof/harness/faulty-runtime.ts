import { runtimeFaults, variations } from '../faults/index.ts';
import { serveChanged } from './start-runtime.ts';

// Program that serves the reference runtime with the fault or variation named by its first argument.
const [name = 'none'] = process.argv.slice(2);
const fault = [...runtimeFaults, ...variations].find((each) => each.name === name);
if (fault === undefined && name !== 'none') {
  process.stderr.write(
    `faulty-runtime: unknown fault or variation "${name}"; use "none" for the unmodified runtime\n`,
  );
  process.exit(2);
}
process.exit(await serveChanged(fault ?? {}));
