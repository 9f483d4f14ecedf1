import type { Mutant } from '../mutants/mutant.ts';

/**
 * The reference runtime with one difference that the contract leaves open: the suite has to pass it, as surely as it has
 * to catch a mutant. `clause` is the one that leaves it open.
 */
export interface Variation extends Mutant {
  /** Whether it serves less than the reference runtime, so that cases are left out. */
  readonly servesLess?: boolean;
}
