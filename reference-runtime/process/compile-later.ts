import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8's optimising compiler wait. That of Node 20 takes a fifth of the first seconds of a process for code that is
 * over before it pays. Later versions have a quicker compiler in between, and no such option.
 */
export function compileLater(): void {
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=1000000');
}
