/** Results of the official suite for one server. */
export interface Figures {
  readonly scenarios: number;
  readonly passed: number;
  readonly failed: number;
  /** Scenarios with a failed check. */
  readonly failing: readonly string[];
  /** Checks of scenarios that the suite runs before they become requirements. */
  readonly pending: { readonly passed: number; readonly failed: number };
}

/** Thrown if the output of the suite has an unknown format. */
export class UnreadableOutputError extends Error {
  override readonly name = 'UnreadableOutputError';
  readonly code = 'unreadable-output';
}

const scenarioLine = /^(?<mark>[✓✗]) (?<scenario>\S+): (?<passed>\d+) passed, (?<failed>\d+) failed/gm;
const unscoredLine = /^ {2}[✓✗] (?<scenario>\S+) \((?<kind>pending|extension)\)$/gm;

interface ScenarioFigures {
  readonly scenario: string;
  readonly passed: number;
  readonly failed: number;
  readonly isMarkedFailed: boolean;
}

/**
 * Reads the figures at the end of the output of the official suite. Scenarios that the suite does not score do not
 * count.
 * @throws UnreadableOutputError if the figures are missing, or the number of scenarios differs from the announcement
 */
export function readFigures(output: string): Figures {
  const announced = /^Running requirements \S+ \((\d+) scenarios\)/m.exec(output)?.[1];
  if (announced === undefined || !/^Total: \d+ passed, \d+ failed$/m.test(output)) {
    throw new UnreadableOutputError(
      `the official suite did not print its figures; its output ends with: ${output.trim().slice(-500)}`,
    );
  }
  const all = [...output.matchAll(scenarioLine)].map(({ groups = {} }): ScenarioFigures => {
    const { scenario = '', passed, failed, mark } = groups;
    return { scenario, passed: Number(passed), failed: Number(failed), isMarkedFailed: mark === '✗' };
  });
  if (all.length !== Number(announced)) {
    throw new UnreadableOutputError(
      `the official suite announced ${announced} scenarios but printed figures for ${all.length}`,
    );
  }
  const unscored = new Map(
    [...output.matchAll(unscoredLine)].map(({ groups = {} }) => [groups['scenario'], groups['kind']]),
  );
  const scored = all.filter(({ scenario }) => !unscored.has(scenario));
  return {
    scenarios: scored.length,
    ...sumOf(scored),
    failing: scored
      .filter(({ isMarkedFailed, failed }) => isMarkedFailed || failed > 0)
      .map(({ scenario }) => scenario),
    pending: sumOf(all.filter(({ scenario }) => unscored.get(scenario) === 'pending')),
  };
}

function sumOf(figures: readonly ScenarioFigures[]): { passed: number; failed: number } {
  const sum = { passed: 0, failed: 0 };
  for (const { passed, failed } of figures) {
    sum.passed += passed;
    sum.failed += failed;
  }
  return sum;
}
