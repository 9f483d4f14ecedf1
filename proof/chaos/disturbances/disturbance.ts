import type { DisturbanceLog, Effects } from '../invariants/disturbance-log.ts';
import type { Random } from '../random.ts';
import type { Pair, Role } from '../system/pair.ts';

/** A process that a disturbance hits. */
export interface Place {
  readonly pair: Pair;
  readonly role: Role;
}

/** The dependencies of a disturbance. */
export interface DisturbanceContext {
  readonly random: Random;
  readonly log: DisturbanceLog;
  /** A bearer token for the requests of the disturbance. */
  readonly token: string;
  /** Ends pauses early, so that the run can stop. */
  readonly signal: AbortSignal;
}

/** One way to disturb the system. */
export interface Disturbance {
  readonly name: string;
  /** The processes that it can hit. */
  readonly roles: readonly Role[];
  readonly effects: Effects;
  /** Whether no other disturbance may hit the same pair at the same time. */
  readonly needsWholePair?: boolean;
  /** Returns why the disturbance is impossible at a place. Undefined: it is possible. */
  impossible?(place: Place): string | undefined;
  /** Disturbs the place, and resolves when it works again. Undoes its changes even if it fails. */
  run(place: Place, context: DisturbanceContext): Promise<void>;
}
