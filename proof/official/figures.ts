/** What the official suite says of a server. */
export interface Figures {
  readonly scenarios: number;
  readonly passed: number;
  readonly failed: number;
  /** The scenarios in which a check failed. */
  readonly failing: readonly string[];
}

/** What the suite wrote is not what this version of it writes. */
export class UnreadableOutputError extends Error {
  override readonly name = 'UnreadableOutputError';
  readonly code = 'unreadable-output';
}

/**
 * Reads the figures from what the official suite writes at its end.
 * @throws UnreadableOutputError where there are none, or fewer scenarios were run than it announced
 */
export function readFigures(output: string): Figures {
  const announced = /^Running requirements \S+ \((\d+) scenarios\)/m.exec(output)?.[1];
  const total = /^Total: (\d+) passed, (\d+) failed$/m.exec(output);
  if (announced === undefined || total === null) {
    throw new UnreadableOutputError(`the official suite wrote no figures, but: ${output.trim().slice(-500)}`);
  }
  const lines = [...output.matchAll(/^(?<mark>[✓✗]) (?<scenario>\S+): \d+ passed, (?<failed>\d+) failed/gm)];
  if (lines.length !== Number(announced)) {
    throw new UnreadableOutputError(
      `the official suite announced ${announced} scenarios and gave figures for ${lines.length}`,
    );
  }
  return {
    scenarios: lines.length,
    passed: Number(total[1]),
    failed: Number(total[2]),
    failing: lines
      .filter(({ groups }) => groups?.['mark'] === '✗' || groups?.['failed'] !== '0')
      .map(({ groups }) => groups?.['scenario'] ?? ''),
  };
}
