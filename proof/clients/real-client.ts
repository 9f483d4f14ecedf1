import type { StepOutcome } from './steps.ts';

/** The revisions that a client of both eras agrees on with a server of each. */
export const revisions = { modern: '2026-07-28', legacy: '2025-11-25' } as const;

/** The newest era that a server serves. */
export type Era = keyof typeof revisions;

/** A published MCP client that speaks both eras. */
export interface RealClient {
  /** Its package and version. */
  readonly name: string;
  /**
   * Connects to a server and runs the steps of an era.
   * @param url the MCP endpoint
   */
  check(url: string, era: Era): Promise<readonly StepOutcome[]>;
}
