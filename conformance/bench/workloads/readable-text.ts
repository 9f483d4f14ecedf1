import { cut, visible } from '../../text/text.ts';

/** Returns the start of a body for messages, on one line. */
export function readableText(body: Buffer): string {
  return visible(cut(body.toString('utf8', 0, 200), 120)).replace(/\s+/g, ' ') || '(no body)';
}
