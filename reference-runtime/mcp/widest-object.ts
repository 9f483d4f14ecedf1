const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Returns the index after the string whose first character is at `start`, or the length if the string has no end. */
function endOfString(json: Buffer, start: number): number {
  for (let end = json.indexOf(quote, start); end !== -1; end = json.indexOf(quote, end + 1)) {
    let escapes = end;
    while (escapes > start && json[escapes - 1] === backslash) escapes--;
    if ((end - escapes) % 2 === 0) return end + 1;
  }
  return json.length;
}

/**
 * Returns whether an object in a JSON text has more members than a limit. The text need not be valid. One pass over the
 * bytes is much cheaper than parsing an object with many different names (LIMIT-5).
 */
export function hasWiderObject(text: Uint8Array, limit: number): boolean {
  const json = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const outer: number[] = [];
  let members = 0;
  for (let index = 0; index < json.length; ) {
    const byte = json[index];
    if (byte === quote) {
      index = endOfString(json, index + 1);
      continue;
    }
    if (byte === colon) {
      members++;
      if (members > limit) return true;
    } else if (byte === openBrace) {
      outer.push(members);
      members = 0;
    } else if (byte === closeBrace) members = outer.pop() ?? 0;
    index++;
  }
  return false;
}
