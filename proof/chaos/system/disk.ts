import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { $ } from 'zx';
import { errorMessage } from '../../../base/error-message.ts';

/** Size of a disk and its number of files. Small, so that it is full within milliseconds. */
const size = '4m';
const files = 256;

const shell = $({ quiet: true, nothrow: true });

/** A small file system of its own if the user is root, and otherwise an ordinary folder. */
export class Disk implements AsyncDisposable {
  readonly path: string;
  /** Why the disk cannot be filled. Undefined: it can. */
  readonly unfillable: string | undefined;

  private constructor(path: string, unfillable: string | undefined) {
    this.path = path;
    this.unfillable = unfillable;
  }

  /** Makes a disk in a new folder. */
  static async make(path: string): Promise<Disk> {
    await mkdir(path);
    const options = `size=${size},nr_inodes=${files},mode=0700`;
    const { exitCode, stderr } = await shell`mount -t tmpfs -o ${options} chaos ${path}`;
    return new Disk(path, exitCode === 0 ? undefined : `a tmpfs cannot be mounted: ${stderr.trim()}`);
  }

  /** Uses up all bytes and all files. @returns a function that frees them again */
  async fill(): Promise<() => Promise<void>> {
    const folder = join(this.path, 'filler');
    await mkdir(folder);
    const block = Buffer.alloc(64 * 1024, 1);
    untilFull(() => {
      const file = openSync(join(folder, 'bytes'), 'a');
      try {
        for (;;) writeSync(file, block);
      } finally {
        closeSync(file);
      }
    });
    let count = 0;
    untilFull(() => {
      for (;;) {
        closeSync(openSync(join(folder, `file-${count}`), 'w'));
        count += 1;
      }
    });
    return () => rm(folder, { recursive: true, force: true });
  }

  /** Removes the disk from the tree of folders immediately, even if a process still uses it. */
  detach(): void {
    if (this.unfillable === undefined) spawnSync('umount', ['--lazy', this.path]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.unfillable === undefined) await shell`umount ${this.path}`;
  }
}

function untilFull(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!/ENOSPC/.test(errorMessage(error))) throw error;
  }
}

/** Returns the mounts below a folder. */
export async function mountsBelow(folder: string): Promise<readonly string[]> {
  const lines = (await readFile('/proc/mounts', 'utf8')).split('\n');
  return lines.flatMap((line) => {
    const [, path = ''] = line.split(' ');
    return path.startsWith(`${folder}/`) ? [`mount ${path}`] : [];
  });
}
