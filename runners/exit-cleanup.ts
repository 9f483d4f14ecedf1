import { type ChildProcess, spawn } from 'node:child_process';

/** The clean-up of a resource if this process ends without disposing of it. */
export interface ExitCleanup {
  /** Removes the resource synchronously. Called when the process exits, including on an uncaught error. */
  readonly undo?: () => void;
  /** Commands that remove the resource after the process was killed. They may also run after `undo`. */
  readonly commands: readonly (readonly string[])[];
}

const pending = new Set<ExitCleanup>();
let guardian: ChildProcess | undefined;

/**
 * Removes a resource when this process ends. On exit, `undo` runs. If this process is killed, a guardian runs
 * `commands`. The guardian is a shell that waits for the end of its standard input.
 * @returns a registration to dispose of after the resource has been removed
 */
export function cleanUpOnExit(cleanup: ExitCleanup): Disposable {
  if (pending.size === 0 && guardian === undefined) process.on('exit', undoAll);
  pending.add(cleanup);
  updateGuardian();
  return {
    [Symbol.dispose]() {
      if (pending.delete(cleanup)) updateGuardian();
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
      // The guardian removes the resource.
    }
  }
  updateGuardian();
}

/** Sends all pending commands. The guardian runs only the last complete line. */
function updateGuardian(): void {
  guardian ??= startGuardian();
  const commands = [...pending].reverse().flatMap((cleanup) => cleanup.commands);
  guardian?.stdin?.write(`${commands.map(shellCommand).join('; ')}\n`);
}

function startGuardian(): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined;
  const script = 'while IFS= read -r line; do last=$line; done; eval "$last"';
  const shell = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  // Without a shell there is no guardian, but `undo` still runs.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref();
  return shell;
}

/** Formats a command for a POSIX shell, with single quotes around words that need quoting. */
export function shellCommand(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
