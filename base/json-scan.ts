/**
 * Returns the index after the JSON string at `start`, or the length of the text if the string is not closed. It
 * searches for quotes instead of checking each character, because strings can be megabytes long.
 */
export function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end + 1;
}

/** Returns whether an odd number of backslashes precedes `index`. */
function isEscaped(text: string, index: number): boolean {
  let first = index;
  while (text.charCodeAt(first - 1) === 0x5c) first -= 1;
  return (index - first) % 2 === 1;
}
