import { readdirSync, readFileSync } from 'node:fs';

/** Environment variable that marks the processes of a run. Their children inherit it. */
export const markVariable = 'MCP_CHAOS_RUN';

/** Returns the resident memory of a process in bytes, or undefined if there is no such process. */
export function residentBytes(pid: number): number | undefined {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}

/** Returns the number of open descriptors of a process. @throws Error if there is no such process */
export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** A running process. */
export interface RunningProcess {
  readonly pid: number;
  /** Its command line. */
  readonly command: string;
}

/** Returns the processes with a mark. */
export function markedProcesses(mark: string): readonly RunningProcess[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.flatMap((id) => {
    try {
      const variables = readFileSync(`/proc/${id}/environ`, 'utf8').split('\0');
      if (!variables.includes(`${markVariable}=${mark}`)) return [];
      const words = readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0').join(' ').trim();
      // A zombie has no command line. Only its parent can remove it.
      return words === '' ? [] : [{ pid: Number(id), command: words }];
    } catch {
      // The process has ended, or belongs to another user.
      return [];
    }
  });
}
