/** Results of the official suite for one server. */
export interface Figures {
  readonly scenarios: number;
  readonly passed: number;
  readonly failed: number;
  /** Scenarios with a failed check. */
  readonly failing: readonly string[];
}

/** Thrown if the output of the suite has an unknown format. */
export class UnreadableOutputError extends Error {
  override readonly name = 'UnreadableOutputError';
  readonly code = 'unreadable-output';
}

/**
 * Reads the figures at the end of the output of the official suite.
 * @throws UnreadableOutputError if the figures are missing, or the number of scenarios differs from the announcement
 */
export function readFigures(output: string): Figures {
  const announced = /^Running requirements \S+ \((\d+) scenarios\)/m.exec(output)?.[1];
  const total = /^Total: (\d+) passed, (\d+) failed$/m.exec(output);
  if (announced === undefined || total === null) {
    throw new UnreadableOutputError(
      `the official suite did not print its figures; its output ends with: ${output.trim().slice(-500)}`,
    );
  }
  const lines = [...output.matchAll(/^(?<mark>[✓✗]) (?<scenario>\S+): \d+ passed, (?<failed>\d+) failed/gm)];
  if (lines.length !== Number(announced)) {
    throw new UnreadableOutputError(
      `the official suite announced ${announced} scenarios but printed figures for ${lines.length}`,
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
