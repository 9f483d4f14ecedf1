import { badOption, RunnerError } from '../runner.ts';
import type { Docker } from './docker.ts';

/** Values of the limit options, as on the command line. `unlimited` removes a limit. */
export interface LimitOptions {
  /** Memory: bytes, or a number with the unit k, m or g. Default: a quarter of the daemon's memory, 0.5 to 2 GiB. */
  readonly memory?: string;
  /** Number of processes and threads. Default 1024. */
  readonly pidsLimit?: string;
  /** Number of processors, which may be a fraction. Default: half a processor less than the daemon has. */
  readonly cpus?: string;
}

/** The limits of a container. Undefined: unlimited. */
export interface ContainerLimits {
  readonly memoryBytes: number | undefined;
  readonly pids: number | undefined;
  readonly cpus: number | undefined;
}

const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;
/** Docker rejects a lower limit. */
const leastMemory = 6 * mebibyte;
const units: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: mebibyte, g: gibibyte };

/** The default number of processes and threads. A fork bomb of this size leaves the machine usable. */
export const defaultPids = 1024;

/** Checks the limit options without a daemon. @throws RunnerError `bad-option` */
export function checkLimits({ memory, pidsLimit, cpus }: LimitOptions): void {
  readMemory(memory);
  readPids(pidsLimit);
  readCpus(cpus);
}

/**
 * Returns the limits of a container. The daemon may not support some of the default limits, which are then omitted.
 * @throws RunnerError `bad-option` for an invalid value, `unsupported` if the daemon does not support a given limit
 */
export function limitsOf(options: LimitOptions, docker: Pick<Docker, 'machine'>): ContainerLimits {
  const { memoryBytes, processors, supports } = docker.machine;
  const defaultMemory = Math.min(2 * gibibyte, Math.max(gibibyte / 2, memoryBytes / 4));
  const defaults = {
    memoryBytes: Math.floor(defaultMemory),
    pids: defaultPids,
    // The kit needs a part of the machine, too.
    cpus: processors < 2 ? undefined : processors - 0.5,
  };
  const choose = <T>(
    flag: string,
    written: string | undefined,
    value: T | undefined,
    fallback: T | undefined,
  ) => {
    const supported = supports[flag as keyof typeof supports];
    if (written === undefined) return supported ? fallback : undefined;
    if (value === undefined || supported) return value;
    throw new RunnerError(
      'unsupported',
      `--${flag} ${written}: this Docker daemon cannot limit it.`,
      `Omit --${flag}, or enable the cgroup controller for it.`,
    );
  };
  return {
    memoryBytes: choose('memory', options.memory, readMemory(options.memory), defaults.memoryBytes),
    pids: choose('pids-limit', options.pidsLimit, readPids(options.pidsLimit), defaults.pids),
    cpus: choose('cpus', options.cpus, readCpus(options.cpus), defaults.cpus),
  };
}

function readMemory(text: string | undefined): number | undefined {
  if (text === undefined || text === 'unlimited') return undefined;
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([bkmg]?)$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(digits) * (units[unit.toLowerCase()] ?? 1));
  if (digits !== '' && bytes >= leastMemory && Number.isSafeInteger(bytes)) return bytes;
  throw badOption(
    `--memory ${text} is not an amount of memory of at least 6m.`,
    'Write --memory 512m, --memory 2g or --memory unlimited.',
  );
}

function readPids(text: string | undefined): number | undefined {
  if (text === undefined || text === 'unlimited') return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= 4_194_304) return number;
  throw badOption(
    `--pids-limit ${text} is not a number of processes.`,
    'Write --pids-limit 200 or --pids-limit unlimited.',
  );
}

function readCpus(text: string | undefined): number | undefined {
  if (text === undefined || text === 'unlimited') return undefined;
  const number = Number(text);
  if (/^\d*\.?\d+$/.test(text) && number >= 0.01 && number <= 1024) return number;
  throw badOption(`--cpus ${text} is not a number of processors.`, 'Write --cpus 1.5 or --cpus unlimited.');
}

/** Formats an amount of memory, such as `1.5 GiB`. */
export function describeMemory(bytes: number): string {
  const [size, unit] = bytes >= gibibyte ? [bytes / gibibyte, 'GiB'] : [bytes / mebibyte, 'MiB'];
  return `${Number(size.toFixed(1))} ${unit}`;
}
