import type { PageWithoutEvidence } from '../../data/index.ts';
import { withVisibleControls } from './visible.ts';

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
