import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { packageRoot } from '../../base/package.ts';
import { mergeEnvironment } from '../../runners/environment/socket-environment.ts';
import { startProcess } from '../../runners/process/instance.ts';
import type { Address, Instance } from '../../runners/runner.ts';
import { makeFolderPlace } from '../../runners/socket-place.ts';
import type { StartContext } from './fast-path.ts';
import { MeasureError } from './measure-path.ts';

const readyMs = 30_000;
const pollMs = 20;

/** A running program of Node and the line with which it reported that it is ready. */
export interface NodeProgram {
  readonly instance: Instance;
  readonly line: RegExpExecArray;
}

/**
 * Starts a built program, and waits for a line of its output.
 * @param words the path of the program below `dist/`, and its arguments
 * @throws MeasureError if the program ends or is not ready in time
 */
export async function startNodeProgram(
  [program = '', ...args]: readonly string[],
  ready: RegExp,
  { scope, signal }: StartContext,
): Promise<NodeProgram> {
  const instance = scope.own(
    await startProcess({
      file: process.execPath,
      args: ['--', join(packageRoot(), 'dist', program), ...args],
      environment: mergeEnvironment(process.env),
      // These programs bind no socket of this place, but `startProcess` needs one.
      place: await makeFolderPlace(),
      ownsPlace: true,
      variables: [],
    }),
  );
  let hasExited = false as boolean;
  void instance.exit.then(() => {
    hasExited = true;
  });
  const deadline = performance.now() + readyMs;
  while (performance.now() < deadline && !hasExited) {
    signal.throwIfAborted();
    const output = instance.logs.last(20).map(({ text }) => text);
    const line = ready.exec(output.join('\n'));
    if (line !== null) return { instance, line };
    await Promise.race([instance.exit, pause(pollMs)]);
  }
  throw new MeasureError(`${program} did not start: ${instance.logs.last(1)[0]?.text ?? 'it wrote nothing'}`);
}

/** Returns the address in a line such as `listening on http://127.0.0.1:8080/mcp`. */
export function addressIn([, port]: RegExpExecArray): Address {
  return { kind: 'tcp', host: '127.0.0.1', port: Number(port) };
}
