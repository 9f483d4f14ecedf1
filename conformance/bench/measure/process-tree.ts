import { readdir, readFile } from 'node:fs/promises';

/** Resources of a process and its descendants. */
export interface TreeUsage {
  /** Processor time so far in microseconds. Includes threads that have ended, if they were seen before. */
  readonly cpuUs: number;
  readonly rssBytes: number;
}

/** Clock ticks per second in `/proc/PID/stat`. */
const ticksPerS = 100;

/** Measures a process and its descendants through `/proc`. Works only on Linux. */
export class ProcessTree {
  readonly #pid: number;
  /** Processor time of each process that was seen. A process that has ended keeps its last value. */
  readonly #cpuUs = new Map<number, number>();

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** Returns the current usage, or undefined if the process has ended or cannot be read. */
  async usage(): Promise<TreeUsage | undefined> {
    const pids = await withDescendants(this.#pid);
    const facts = await Promise.all(pids.map(readProcess));
    if (facts[0] === undefined) return undefined;
    let rssBytes = 0;
    for (const [index, fact] of facts.entries()) {
      if (fact === undefined) continue;
      rssBytes += fact.rssBytes;
      this.#cpuUs.set(pids[index] ?? 0, fact.cpuUs);
    }
    return { cpuUs: [...this.#cpuUs.values()].reduce((sum, us) => sum + us, 0), rssBytes };
  }
}

/** Returns a process and its descendants. */
async function withDescendants(pid: number): Promise<readonly number[]> {
  const found = [pid];
  for (let index = 0; index < found.length; index += 1) {
    const folder = `/proc/${found[index]}/task`;
    for (const thread of await namesIn(folder)) {
      const children = await textOf(`${folder}/${thread}/children`);
      found.push(...children.split(' ').filter(Boolean).map(Number));
    }
  }
  return found;
}

async function readProcess(pid: number): Promise<TreeUsage | undefined> {
  const stat = await textOf(`/proc/${pid}/stat`);
  if (stat === '') return undefined;
  // The name of the program, in parentheses, may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticksUs = ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / ticksPerS;
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(await textOf(`/proc/${pid}/status`))?.[1] ?? 0;
  return { cpuUs: Math.max(ticksUs, await threadsUs(pid)), rssBytes: Number(resident) * 1_024 };
}

/** Returns the processor time of the living threads in microseconds. It is more exact than ticks of 10 ms. */
async function threadsUs(pid: number): Promise<number> {
  const threads = await namesIn(`/proc/${pid}/task`);
  const texts = await Promise.all(threads.map((thread) => textOf(`/proc/${pid}/task/${thread}/schedstat`)));
  return texts.reduce((sum, text) => sum + Number(text.split(' ')[0] ?? 0) / 1_000, 0);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

/** Returns the text of a file, or "" if the process has ended in the meantime. */
async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
