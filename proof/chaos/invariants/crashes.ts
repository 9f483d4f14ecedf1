import type { Ending, EndSignal, ProcessWatch } from '../system/supervised-process.ts';
import type { Ledger } from './ledger.ts';

/** Marks of an error that a program did not handle, in the logs of Node, Go and Rust. */
const unhandled =
  /\buncaught|\bunhandled|^panic:|\bpanicked at\b|\bfatal error\b|^goroutine \d+|heap out of memory|\b(?:Type|Reference|Range|Assertion)Error\b/i;

const maxLines = 200;

/** Checks the ends and the logs of processes. */
export class CrashWatch implements ProcessWatch {
  readonly #ledger: Ledger;
  readonly #lines: string[] = [];

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** The latest lines of all logs. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  ended(name: string, ending: Ending, cause: EndSignal | undefined): void {
    this.#ledger.check('crashes', problemOf(name, ending, cause));
  }

  late(_name: string, text: string): void {
    this.#ledger.violated('deadline', text);
  }

  wrote(name: string, line: string): void {
    this.#lines.push(`${name}: ${line.slice(0, 300)}`);
    if (this.#lines.length > maxLines) this.#lines.shift();
    if (unhandled.test(line)) this.#ledger.violated('crashes', `${name} wrote: ${line.slice(0, 300)}`);
  }
}

function problemOf(name: string, { code, signal }: Ending, cause: EndSignal | undefined): string | undefined {
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
  if (cause === undefined) return `${name} ended by itself ${how}`;
  // A process that was just about to exit may be faster than the signal.
  if (code === 0 || signal === cause) {
    return cause === 'SIGTERM' && signal !== null ? `${name} ended ${how} instead of draining` : undefined;
  }
  return `${name} ended ${how} after ${cause}`;
}
