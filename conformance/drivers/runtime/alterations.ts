/** The maximum number of positions at which a text is altered. The positions of a longer text are spread evenly. */
const maxPositions = 512;

const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/**
 * Returns altered copies of a text: for each position, a copy in which one bit differs, and shortened copies. A
 * character of base64 becomes another one, so that the copy can still be decoded. The padding of base64 stays, because
 * many decoders ignore it. With `letterCase`, there are also copies in upper case, in lower case, and with both
 * swapped.
 */
export function alterationsOf(text: string, letterCase = false): readonly string[] {
  const { length } = text.replace(/=+$/, '');
  const step = Math.max(1, (length - 1) / (maxPositions - 1));
  const positions = Array.from({ length: Math.min(length, maxPositions) }, (_, index) =>
    Math.round(index * step),
  );
  const flipped = positions.map((at) => text.slice(0, at) + flip(text.charAt(at)) + text.slice(at + 1));
  const shortened = [text.slice(0, length - 1), text.slice(1), text.slice(0, length / 2), text.slice(0, 1)];
  const cased = letterCase ? [text.toUpperCase(), text.toLowerCase(), swapCase(text)] : [];
  return [...new Set([...flipped, ...shortened, ...cased])].filter((copy) => copy !== text && copy !== '');
}

/** Changes the first bit of a character of base64, because many decoders ignore the last bits of the last character. */
function flip(character: string): string {
  const value = base64url.indexOf(character);
  return value === -1 ? String.fromCharCode(character.charCodeAt(0) ^ 1) : base64url.charAt(value ^ 32);
}

function swapCase(text: string): string {
  return text.replace(/[a-z]/gi, (letter) =>
    letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
  );
}
