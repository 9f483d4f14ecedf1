/** Maximum number of concurrent calls on one HTTP/2 connection. Every runtime supports 100 calls (RPC-11). */
export const maxCalls = 100;

/**
 * Number of cancelled calls after which a client should replace its HTTP/2 connection. Servers end a connection with too
 * many resets, because resets are an attack vector. The lowest limits are about 500. This number leaves a margin, because
 * the calls that are still open may be cancelled as well.
 */
export const maxCancelled = 350;
