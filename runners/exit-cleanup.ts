import { type ChildProcess, spawn } from 'node:child_process';

/** What has to be undone if this process ends before it could do so in an orderly way. */
export interface ExitCleanup {
  /** Undoes it at once, without waiting for anything; runs when the process exits, also on an uncaught error. */
  readonly undo?: () => void;
  /** Commands, each a list of words, that undo it from outside when the process was killed. They may run after `undo`. */
  readonly commands: readonly (readonly string[])[];
}

const pending = new Set<ExitCleanup>();
let guardian: ChildProcess | undefined;

/**
 * Makes sure that a resource goes away with this process, however that ends: `undo` runs on exit, and a guardian (a
 * shell that waits for its standard input to end) runs `commands` when this process was killed and could run nothing.
 * @returns releases the promise; to be called once the resource is gone
 */
export function cleanUpOnExit(cleanup: ExitCleanup): Disposable {
  if (pending.size === 0 && guardian === undefined) process.on('exit', undoAll);
  pending.add(cleanup);
  tellGuardian();
  return {
    [Symbol.dispose]() {
      if (pending.delete(cleanup)) tellGuardian();
    },
  };
}

function undoAll(): void {
  for (const cleanup of [...pending].reverse()) {
    if (cleanup.undo === undefined) continue;
    try {
      cleanup.undo();
      pending.delete(cleanup);
    } catch {
      // The guardian tries again.
    }
  }
  tellGuardian();
}

/** Every line replaces the one before it: the last whole line is what the guardian carries out. */
function tellGuardian(): void {
  guardian ??= startGuardian();
  const commands = [...pending].reverse().flatMap((cleanup) => cleanup.commands);
  guardian?.stdin?.write(`${commands.map(shellCommand).join('; ')}\n`);
}

function startGuardian(): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined;
  const script = 'while IFS= read -r line; do last=$line; done; eval "$last"';
  const shell = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  // Without a shell there is no guardian; `undo` still runs.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref();
  return shell;
}

/** A command as a POSIX shell reads it: words in single quotes where they need any. */
export function shellCommand(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
