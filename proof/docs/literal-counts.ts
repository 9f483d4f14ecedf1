import { lineAt, type Marker, type Problem, readMarkers } from './markers.ts';

const nouns = 'cases|faults|mutants|variations|clauses|checks|suites|servers|vectors|targets';

/** Matches `84 of 84 checks` or `31 faults`, with up to two words between the number and the noun. */
const literal = new RegExp(
  `(?<![\\w.:-])\\d[\\d,]*(?: of \\d[\\d,]*)?(?:[ \\n][a-z-]+){0,2}?[ \\n](?:${nouns})\\b`,
  'gi',
);

/** Returns a problem for each number outside a marker that the build can generate. */
export function literalCounts(text: string): readonly Problem[] {
  const blanked = withoutMarked(text, readMarkers(text).markers);
  return [...blanked.matchAll(literal)].map(({ 0: found, index }) => ({
    line: lineAt(blanked, index),
    message: `"${found}" is written by hand; generate the number or remove it`,
  }));
}

/** Replaces the content of markers with spaces and keeps their line breaks. */
function withoutMarked(text: string, markers: readonly Marker[]): string {
  let blanked = text;
  for (const { start, end } of markers) {
    blanked = blanked.slice(0, start) + blanked.slice(start, end).replace(/[^\n]/g, ' ') + blanked.slice(end);
  }
  return blanked;
}
