import { execFile } from 'node:child_process';
import { ProtoCheckError } from './proto-check-error.ts';

/** How a program ended, and what it wrote. */
export interface ProgramEnd {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** The working folder. */
  readonly cwd: string;
  readonly signal: AbortSignal;
}

const limitMs = 60_000;

/**
 * Runs a program to its end, a minute at most. An exit code other than 0 is no error.
 * @throws ProtoCheckError where it cannot be started, or does not end
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  { cwd, signal }: ProgramOptions,
): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    const options = { cwd, signal, timeout: limitMs, maxBuffer: 64 << 20, encoding: 'buffer' } as const;
    execFile(file, [...args], options, (error, stdout, stderr) => {
      const text = stderr.toString('utf8');
      if (error === null) resolve({ code: 0, stdout, stderr: text });
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr: text });
      else if (signal.aborted) reject(new ProtoCheckError(`${file} was interrupted`));
      else if (error.killed === true)
        reject(new ProtoCheckError(`${file} did not end within ${limitMs / 1_000} s`));
      else reject(new ProtoCheckError(`${file} cannot be run: ${error.message.split('\n')[0]}`));
    });
  });
}
