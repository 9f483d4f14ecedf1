import type { ReadStream } from 'node:tty';

/** Keys that a person presses. */
export interface KeySource {
  /** Calls back for each key until disposed of. Ctrl-C sends SIGINT as usual. */
  listen(onKey: (key: string) => void): Disposable;
}

const interruptKey = '\u0003';

/** Makes a source of the keys of a terminal, which it switches to raw mode while it listens. */
export function terminalKeys(input: ReadStream): KeySource {
  return {
    listen(onKey) {
      const onData = (data: Buffer): void => {
        for (const key of data.toString('utf8')) {
          // In raw mode, the terminal does not turn Ctrl-C into a signal.
          if (key === interruptKey) process.kill(process.pid, 'SIGINT');
          else onKey(key);
        }
      };
      input.setRawMode(true);
      input.on('data', onData).resume();
      return {
        [Symbol.dispose]: () => {
          input.off('data', onData).pause();
          input.setRawMode(false);
        },
      };
    },
  };
}
