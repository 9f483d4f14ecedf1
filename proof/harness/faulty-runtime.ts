import { runtimeFaults, variations } from '../faults/index.ts';
import { serveChanged } from './start-runtime.ts';

// The reference runtime as a process of its own, with the fault or variation that its first argument names.
const [name = 'none'] = process.argv.slice(2);
const fault = [...runtimeFaults, ...variations].find((each) => each.name === name);
if (fault === undefined && name !== 'none') {
  process.stderr.write(
    `faulty-runtime: there is no fault or variation ${name}; none is the runtime as it is\n`,
  );
  process.exit(2);
}
process.exit(await serveChanged(fault ?? {}));
