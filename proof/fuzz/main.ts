import { runFuzzers } from './run-fuzzers.ts';

process.exit(await runFuzzers(process.argv.slice(2)));
