import type { PageWithoutEvidence } from '../../data/index.ts';

/**
 * Parses the data of the page. Control, zero-width and bidirectional characters become visible escapes, such as `\x1b`,
 * once and for all: no view can forget it.
 */
export function readPageData(json: string): PageWithoutEvidence {
  return JSON.parse(withVisibleControls(json)) as PageWithoutEvidence;
}

/** Decompresses and parses evidence: gzip in base64. */
export async function readEvidence<Evidence>(base64: string): Promise<Evidence> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  const json = await new Response(stream).text();
  return JSON.parse(withVisibleControls(json)) as Evidence;
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
