import { gatewayConnectMs, gatewayDeadlineMs } from '../system/pair.ts';

/** Time beyond the limits of the gateway that a call may take on a busy machine, in milliseconds. */
const marginMs = 8_000;

/**
 * The time limit of a call in milliseconds. The gateway may wait for its runtime, and then for the answer. Time in which a
 * process was stopped does not count.
 */
export const callLimitMs = gatewayConnectMs + gatewayDeadlineMs + marginMs;

/** The time limit of the first right answer after the chaos, in milliseconds. */
export const recoveryLimitMs = 20_000;
