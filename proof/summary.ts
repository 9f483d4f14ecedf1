import type { ProofResult } from './side-by-side.ts';

/** Number of lines to show from the end of the output of a failed proof that reported no reason. */
const maxLines = 8;

/** Returns the outcome of a proof, and under it the reasons that it failed. */
export function summaryLines({ name, exitCode, output, problems }: ProofResult): readonly string[] {
  const outcome = exitCode === 0 ? 'ok    ' : 'FAILED';
  const reasons = exitCode === 0 || problems.length > 0 ? problems : lastLines(output);
  return [`${outcome}  ${name}\n`, ...reasons.map((each) => `          ${each}\n`)];
}

function lastLines(output: string): readonly string[] {
  return output.trimEnd().split('\n').slice(-maxLines);
}
