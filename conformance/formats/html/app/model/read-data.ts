import type { PageData } from '../../data/index.ts';

/**
 * Parses the data of the page. Control, zero-width and bidirectional characters become visible escapes, such as `\x1b`,
 * once and for all: no view can forget it.
 */
export function readPageData(json: string): PageData {
  return JSON.parse(withVisibleControls(json)) as PageData;
}

/** Replaces the escapes of control characters in JSON by escapes that stay in the text. */
export function withVisibleControls(json: string): string {
  return json.replace(controls, (written, hex: string | undefined) => {
    if (hex !== undefined) return hex.startsWith('00') ? `\\\\x${hex.slice(2)}` : `\\\\u${hex}`;
    return short[written] ?? written;
  });
}

// An escaped backslash is matched first, so that what follows it is not mistaken for an escape.
const controls =
  /\\\\|\\u(00[01][0-9a-f]|007f|00[89][0-9a-f]|00ad|061c|180e|200[b-f]|202[89a-e]|206[0-9a-f]|feff|fff[9ab])|\\[bfr]/g;

const short: Readonly<Record<string, string>> = { '\\b': '\\\\x08', '\\f': '\\\\x0c', '\\r': '\\\\x0d' };
