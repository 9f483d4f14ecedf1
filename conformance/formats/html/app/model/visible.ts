/** Replaces the escapes of control characters in JSON by escapes that stay in the text. */
export function withVisibleControls(json: string): string {
  return json.replace(controls, (written, hex: string | undefined) => {
    if (hex !== undefined) return hex.startsWith('00') ? `\\\\x${hex.slice(2)}` : `\\\\u${hex}`;
    return short[written] ?? written;
  });
}

// An escaped backslash is matched first, so that the text after it is not mistaken for an escape.
const controls =
  /\\\\|\\u(00[01][0-9a-f]|007f|00[89][0-9a-f]|00ad|061c|180e|200[b-f]|202[89a-e]|206[0-9a-f]|feff|fff[9ab])|\\[bfr]/g;

const short: Readonly<Record<string, string>> = { '\\b': '\\\\x08', '\\f': '\\\\x0c', '\\r': '\\\\x0d' };

/** Replaces control, zero-width and bidirectional characters of a text by visible escapes. */
export function visible(text: string): string {
  return text.replace(hidden, (character) => {
    const code = character.charCodeAt(0);
    return code <= 0xff
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: matches control characters on purpose
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
