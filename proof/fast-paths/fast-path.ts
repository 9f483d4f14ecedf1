import type { Endpoint } from '../../conformance/bench/load/commands.ts';
import type { UsageMeter } from '../../conformance/bench/measure/usage-meter.ts';
import type { ResourceScope } from '../../runners/resource-scope.ts';

/** One side of a comparison: processes under load. */
export interface Side {
  /** The name in the output. */
  readonly name: string;
  readonly endpoint: Endpoint;
  /** The name of the workload of `bench` that generates the load. */
  readonly workload: string;
  /** Measures only the processes whose cost is compared. */
  readonly usage: UsageMeter;
}

/** The dependencies of a start. */
export interface StartContext {
  /** Owns the started processes. */
  readonly scope: ResourceScope;
  readonly signal: AbortSignal;
}

/**
 * A comparison of a product with its floor: a bare program, or a cheaper way through the product, that carries out the same
 * calls. The processor time per call of the product must stay below a multiple of that of the floor.
 */
export interface FastPath {
  readonly name: string;
  /** The product and the floor, for the help and the output. */
  readonly about: string;
  /** The highest permitted ratio of the processor time per call: product to floor. */
  readonly bar: number;
  /** Builds and starts both sides. */
  readonly start: (context: StartContext) => Promise<{ readonly product: Side; readonly floor: Side }>;
}
