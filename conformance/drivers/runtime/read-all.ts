import type { Call } from '../../wire/call.ts';

/** A call that answers with more messages than this floods; no case asks for so many. */
const maxMessages = 50_000;
const maxBytes = 32 << 20;

/**
 * Reads a call to its end. Of its messages the first two are kept: what has one is told from what has more.
 * A call that floods is given up.
 */
export async function readAll(call: Call): Promise<readonly Buffer[]> {
  const kept: Buffer[] = [];
  let count = 0;
  let bytes = 0;
  for (let message = await call.next(); message !== undefined; message = await call.next()) {
    count += 1;
    bytes += message.length;
    if (kept.length < 2) kept.push(message);
    if (count > maxMessages || bytes > maxBytes) {
      call.refuse(`the call floods: more than ${count - 1} messages with ${bytes} bytes`);
    }
  }
  return kept;
}
