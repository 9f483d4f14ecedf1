/** The longest delay of a timer, in milliseconds. */
const maxDelayMs = 2 ** 31 - 1;

/**
 * Calls an action when credentials expire.
 * @param expiresAt milliseconds since the epoch, or 0 for credentials that do not expire
 * @returns a function that cancels the action
 */
export function atExpiry(expiresAt: bigint, action: () => void): () => void {
  if (expiresAt === 0n) return () => {};
  let timer: NodeJS.Timeout;
  const wait = () => {
    const leftMs = Number(expiresAt) - Date.now();
    if (leftMs <= 0) action();
    else timer = setTimeout(wait, Math.min(leftMs, maxDelayMs)).unref();
  };
  // Not immediately, because the caller has not received the function yet.
  timer = setTimeout(wait, 0).unref();
  return () => clearTimeout(timer);
}
