import { flushed } from '../../base/flushed.ts';
import { runFuzzers } from './run-fuzzers.ts';

const exitCode = await runFuzzers(process.argv.slice(2));
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(exitCode);
