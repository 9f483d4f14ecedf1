/** The outcome of a case: its kind, and the failure in one line. */
export interface CaseVerdict {
  readonly kind: string;
  readonly summary?: string;
}

/** The outcome of each case of a run, by case id. */
export type CaseVerdicts = ReadonlyMap<string, CaseVerdict>;

/** Returns a line for each case whose outcome differs between two runs, or that only one of them has. */
export function differencesBetween(first: CaseVerdicts, other: CaseVerdicts): readonly string[] {
  return [...new Set([...first.keys(), ...other.keys()])].flatMap((id) => {
    const [before, now] = [first.get(id), other.get(id)];
    if (before?.kind === now?.kind) return [];
    const summary = now?.summary ?? before?.summary;
    const difference = `${id}: ${now?.kind ?? 'no result'}, but ${before?.kind ?? 'no result'} in the first run`;
    return [summary === undefined ? difference : `${difference}: ${summary}`];
  });
}
