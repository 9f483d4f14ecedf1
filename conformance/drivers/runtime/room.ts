import type { Observation } from '../../observe/unary.ts';
import type { CaseRun } from './case-run.ts';

/** Others may take what room was made. */
const maxTries = 5;

/**
 * Asks for a session, and where the target has no room for it again when those that earlier cases have left are closed:
 * their number may be bounded (SESSION-10), and cases do not close what they make.
 */
export async function askForSession(run: CaseRun, ask: () => Promise<Observation>): Promise<Observation> {
  let answer = await ask();
  for (let tries = 1; tries < maxTries && wantsRoom(answer) && (await run.makeRoom()); tries += 1) {
    answer = await ask();
  }
  return answer;
}

function wantsRoom({ grpc, status }: Observation): boolean {
  return grpc === 'RESOURCE_EXHAUSTED' || status === 429 || status === 503;
}
