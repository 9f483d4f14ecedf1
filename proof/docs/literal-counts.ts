import { lineAt, type Marker, type Problem, readMarkers } from './markers.ts';

const nouns = 'cases|faults|mutants|variations|clauses|checks|suites|servers|vectors|targets';

/** `405 mutants`, `84 of 84 checks`, `31 faults`, with up to two words between the number and the noun. */
const literal = new RegExp(
  `(?<![\\w.:-])\\d[\\d,]*(?: of \\d[\\d,]*)?(?:[ \\n][a-z-]+){0,2}?[ \\n](?:${nouns})\\b`,
  'gi',
);

/** Counts of things that the build can count, written as digits outside of markers. */
export function literalCounts(text: string): readonly Problem[] {
  const blanked = withoutMarked(text, readMarkers(text).markers);
  return [...blanked.matchAll(literal)].map(({ 0: found, index }) => ({
    line: lineAt(blanked, index),
    message: `"${found}" is written by hand: generate the number, or leave it out`,
  }));
}

/** The text with the content of markers blanked, lines and places kept. */
function withoutMarked(text: string, markers: readonly Marker[]): string {
  let blanked = text;
  for (const { start, end } of markers) {
    blanked = blanked.slice(0, start) + blanked.slice(start, end).replace(/[^\n]/g, ' ') + blanked.slice(end);
  }
  return blanked;
}
