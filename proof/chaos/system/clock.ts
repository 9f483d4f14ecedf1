import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';

const machine = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[arch() as 'x64' | 'arm64'] ?? '';
const library = `/usr/lib/${machine}/faketime/libfaketimeMT.so.1`;
const sharedMemory = '/dev/shm';

/** Returns why no clock can be changed. Undefined if the clocks of programs that load libraries can be changed. */
export function clocksAreFixed(): string | undefined {
  return existsSync(library)
    ? undefined
    : 'libfaketime is not installed (on Debian: apt-get install libfaketime)';
}

/** The wall clock of one process, which can jump while the process runs. */
export class Clock {
  readonly #file: string;
  /** Environment variables of the process. */
  readonly environment: Readonly<Record<string, string>>;

  /** @param folder a folder that never becomes full */
  constructor(folder: string, name: string) {
    this.#file = join(folder, `clock-${name.replaceAll(' ', '-')}`);
    this.set(0);
    this.environment =
      clocksAreFixed() === undefined
        ? {
            LD_PRELOAD: library,
            FAKETIME_TIMESTAMP_FILE: this.#file,
            FAKETIME_CACHE_DURATION: '1',
            // The administrator of a machine can change its wall clock, but not its monotonic clock.
            FAKETIME_DONT_FAKE_MONOTONIC: '1',
            NO_FAKE_STAT: '1',
          }
        : {};
  }

  /** Sets the clock to a time before or after the real time. It changes within about a second. */
  set(offsetSeconds: number): void {
    writeFileSync(this.#file, `${offsetSeconds < 0 ? '-' : '+'}${Math.abs(offsetSeconds)}\n`);
  }
}

/** Removes the shared memory of libfaketime that killed processes left behind. */
export function removeClockMemory(pids: ReadonlySet<number>): void {
  for (const name of readdirSync(sharedMemory)) {
    const pid = /faketime_(?:shm|sem)_(\d+)/.exec(name)?.[1];
    if (pid !== undefined && pids.has(Number(pid))) rmSync(join(sharedMemory, name), { force: true });
  }
}
