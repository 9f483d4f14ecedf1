/**
 * Returns JSON that an HTML parser cannot mistake for markup. Characters that an editor would hide or that reorder text
 * are escaped too.
 */
export function embedded(data: object): string {
  return JSON.stringify(data).replace(unsafe, escapeOf);
}

// `<` begins markup. The others are controls, zero-width characters, line separators and bidirectional controls.
// biome-ignore lint/suspicious/noMisleadingCharacterClass: each character is escaped alone
const unsafe = /[<\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Returns text for an HTML document, in which hidden characters are visible escapes. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replace(unsafe, (character) => (character === '<' ? '&lt;' : escapeOf(character)));
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
