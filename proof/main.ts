import { prove } from './prove.ts';

// A parent that runs proofs side by side receives the reasons for a failure.
process.once('disconnect', () => process.exit(3));
process.exit(await prove(process.argv.slice(2), (problem) => process.send?.(problem)));
