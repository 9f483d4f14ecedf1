import { flushed } from '../base/flushed.ts';
import { prove } from './prove.ts';

// A parent that runs proofs side by side receives the reasons for a failure.
process.once('disconnect', () => process.exit(3));
// A reader that leaves early (`| head`) does not end the proof.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
const exitCode = await prove(process.argv.slice(2), (problem) => process.send?.(problem));
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(exitCode);
