import { oneLine } from '../text/text.ts';
import { type Output, widthOf } from './live-line.ts';
import type { Palette } from './palette.ts';
import type { Report } from './report.ts';
import type { RunReporter } from './terminal.ts';
import { quietLines } from './terminal-closing.ts';
import { type BlockStyle, noTargetReason } from './terminal-failure.ts';

/** Prints nothing during a run. Afterwards prints the verdict and, if it is not green, the reasons for it. */
export class QuietReporter implements RunReporter {
  readonly #output: Output;
  readonly #style: BlockStyle;
  #label = '';

  constructor(output: Output, palette: Palette) {
    this.#output = output;
    this.#style = { palette, width: widthOf(output) };
  }

  starting(label: string): void {
    this.#label = label;
  }

  finish(report: Report): void {
    const lines = report.kind === 'run' ? quietLines(report, this.#style) : this.#reasonLines(report);
    this.#output.write(lines.map((line) => `${line}\n`).join(''));
  }

  [Symbol.dispose](): void {}

  #reasonLines(report: Extract<Report, { kind: 'no-target' }>): readonly string[] {
    const { palette } = this.#style;
    const end = report.error.code === 'interrupted' ? 'interrupted' : 'the target could not be tested';
    return [
      ...noTargetReason(report, this.#style),
      '',
      palette.bad(palette.strong(`${end}: ${oneLine(this.#label)}`)),
    ];
  }
}
