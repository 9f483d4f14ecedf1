import type { RuntimeKind } from '../system/runtime-program.ts';
import type { Ledger } from './ledger.ts';

const mebibyte = 2 ** 20;

/** Limits of the resident memory of a process, in bytes. */
export interface MemoryLimits {
  /** At any time. */
  readonly peak: number;
  /** After the load. */
  readonly after: number;
}

/**
 * Limits by the kind of program. All programs keep some memory for the next load. Go collects garbage when the heap has
 * doubled, and otherwise every two minutes.
 */
const limits = {
  typescript: { peak: 512 * mebibyte, after: 320 * mebibyte },
  go: { peak: 768 * mebibyte, after: 320 * mebibyte },
  rust: { peak: 384 * mebibyte, after: 320 * mebibyte },
} satisfies Readonly<Record<RuntimeKind, MemoryLimits>>;

/** Time limit for the memory to fall after the load, in milliseconds. */
export const settleLimitMs = 180_000;

/** Returns the limits of a program in a language. */
export function memoryLimits(kind: RuntimeKind): MemoryLimits {
  return limits[kind];
}

/** The memory of a running process. */
export interface MemorySample {
  readonly name: string;
  readonly limits: MemoryLimits;
  readonly bytes: number;
}

/** The memory of a process during a run, in bytes. */
export interface MemoryUse {
  readonly name: string;
  readonly limits: MemoryLimits;
  readonly peak: number;
  /** Undefined before the end. */
  readonly after: number | undefined;
}

/** Records the memory of processes by name, across restarts. */
export class MemoryRecord {
  readonly #ledger: Ledger;
  readonly #uses = new Map<string, { limits: MemoryLimits; peak: number; after: number | undefined }>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Checks the memory of a process while there is load. */
  sample({ name, limits, bytes }: MemorySample): void {
    const use = this.#use(name, limits);
    use.peak = Math.max(use.peak, bytes);
    this.#ledger.check('memory', excess(`${name} uses`, bytes, limits.peak));
  }

  /** Checks the memory of a process after the load. */
  settled({ name, limits, bytes }: MemorySample): void {
    this.#use(name, limits).after = bytes;
    this.#ledger.check('memory', excess(`after the load, ${name} uses`, bytes, limits.after));
  }

  uses(): readonly MemoryUse[] {
    return [...this.#uses].map(([name, use]) => ({ name, ...use }));
  }

  #use(name: string, limits: MemoryLimits) {
    const known = this.#uses.get(name);
    if (known !== undefined) return known;
    const use = { limits, peak: 0, after: undefined };
    this.#uses.set(name, use);
    return use;
  }
}

function excess(subject: string, bytes: number, limit: number): string | undefined {
  if (bytes <= limit) return undefined;
  return `${subject} ${mebibytes(bytes)} of memory; the limit is ${mebibytes(limit)}`;
}

/** Formats bytes in MiB. */
export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / mebibyte)} MiB`;
}
