import type { RunListener } from '../../engine/result.ts';
import type { MatrixListener } from '../../matrix/run-targets.ts';
import { LiveLine, type Output } from '../../report/live-line.ts';
import type { Palette } from '../../report/palette.ts';
import type { Report } from '../../report/report.ts';
import { duration, oneLine } from '../../text/text.ts';

interface Progress {
  readonly total: number;
  ended: number;
  failed: number;
  /** The running cases, in the order of their start, with their start. */
  readonly running: Map<string, number>;
}

/** Shows the progress of each target on a terminal. Elsewhere, prints a line when a target ends. */
export class MatrixProgress implements MatrixListener, Disposable {
  readonly #live: LiveLine;
  readonly #palette: Palette;
  readonly #running = new Map<string, Progress>();
  readonly #nameWidth: number;
  readonly #started = performance.now();
  #work = '';

  constructor(output: Output, palette: Palette, targets: readonly { readonly name: string }[]) {
    this.#live = new LiveLine(output);
    this.#palette = palette;
    this.#nameWidth = Math.max(0, ...targets.map(({ name }) => name.length));
    this.#live.show(() => this.#draw());
  }

  print(lines: readonly string[]): void {
    this.#live.print(lines);
  }

  /** Sets the activity to show until a run begins. */
  show(work: string): void {
    this.#work = work;
  }

  listenerOf(name: string): RunListener {
    const begin = (total: number) => {
      this.#running.set(name, { total, ended: 0, failed: 0, running: new Map() });
    };
    begin(0);
    return {
      onStart: ({ cases }) => begin(cases.length),
      onCaseStart: ({ id }) => {
        this.#running.get(name)?.running.set(id, performance.now());
      },
      onCaseEnd: ({ case: { id }, outcome, known }) => {
        const progress = this.#running.get(name);
        if (progress === undefined) return;
        progress.ended += 1;
        progress.running.delete(id);
        if (outcome.kind === 'failed' && known === undefined) progress.failed += 1;
      },
    };
  }

  onTargetEnd(name: string, report: Report): void {
    this.#running.delete(name);
    const { good, bad, caution } = this.#palette;
    const exitCode = report.kind === 'run' ? report.verdict.exitCode : 3;
    const mark = exitCode === 0 ? good('ok  ') : exitCode === 1 ? bad('FAIL') : caution('stop');
    const said = report.kind === 'run' ? report.verdict.sentence : report.error.message;
    const time = duration(report.kind === 'run' ? report.run.durationMs : report.durationMs);
    this.#live.print([`  ${mark}  ${name.padEnd(this.#nameWidth)}  ${time.padStart(7)}  ${oneLine(said)}`]);
  }

  [Symbol.dispose](): void {
    this.#live[Symbol.dispose]();
  }

  /** Renders the number of cases left of each target, and the case that has been running for the longest time. */
  #draw(): string {
    const parts = [...this.#running].map(([name, { total, ended, failed }]) => {
      if (total === 0) return `${name} starts`;
      return `${name} ${total - ended} of ${total} left${failed > 0 ? `, ${failed} failed` : ''}`;
    });
    const now = performance.now();
    const [slowest] = [...this.#running]
      .flatMap(([name, { running }]) => [...running].slice(0, 1).map(([id, start]) => ({ name, id, start })))
      .sort((one, other) => one.start - other.start);
    if (slowest !== undefined) {
      parts.push(`slowest ${slowest.id} on ${slowest.name} ${tenths(now - slowest.start)}`);
    }
    const said = parts.length > 0 ? parts.join(' · ') : this.#work;
    return `  ${tenths(now - this.#started)} · ${said}`;
  }
}

function tenths(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
