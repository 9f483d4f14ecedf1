import type { BenchListener } from '../../bench/run-bench.ts';
import { LiveLine, type Output } from '../../report/live-line.ts';

/** Shows the current activity of a benchmark on a terminal. */
export class BenchProgress implements BenchListener, Disposable {
  readonly #live: LiveLine;
  #what = '';
  #since = performance.now();
  #before = 0;
  #progress: () => { readonly operations: number; readonly errors: number } = () => ({
    operations: 0,
    errors: 0,
  });

  constructor(output: Output) {
    this.#live = new LiveLine(output);
    this.#live.show(() => this.#draw());
  }

  onActivity(what: string): void {
    this.#what = what;
    this.#since = performance.now();
    this.#before = this.#progress().operations;
  }

  onProgress(progress: () => { readonly operations: number; readonly errors: number }): void {
    this.#progress = progress;
  }

  print(lines: readonly string[]): void {
    this.#live.print(lines);
  }

  [Symbol.dispose](): void {
    this.#live[Symbol.dispose]();
  }

  #draw(): string {
    if (this.#what === '') return '';
    const { operations, errors } = this.#progress();
    const seconds = (performance.now() - this.#since) / 1_000;
    const rate = seconds > 0.3 ? ` · ${Math.round((operations - this.#before) / seconds)} ops/s` : '';
    const failures = errors > 0 ? ` · ${errors} errors` : '';
    return `  ${this.#what} · ${seconds.toFixed(1)} s${rate}${failures}`;
  }
}
