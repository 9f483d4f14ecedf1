import { setFlagsFromString } from 'node:v8';

/**
 * Takes two things from V8 that cost a process of Node 20 a fifth of its first seconds: to optimise code that is over
 * before it pays, and to collect garbage from room that grows in small steps. Later versions are left as
 * they are: they have a quicker compiler in between.
 */
export function startFast(): void {
  if (!process.versions.v8.startsWith('11.')) return;
  setFlagsFromString('--interrupt-budget=1000000');
  setFlagsFromString('--semi-space-growth-factor=16');
}
