const waiting: (() => void)[] = [];

/**
 * Waits for one's turn: in each turn of the event loop, one of those that wait goes on.
 *
 * Requests leave at the end of a turn. Were all answers that have come taken in the same one, then all next requests
 * would leave at once, and this side and the target would work by turns, never at the same time.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(next);
  });
}

function next(): void {
  waiting[0]?.();
  waiting.shift();
  if (waiting.length > 0) setImmediate(next);
}
