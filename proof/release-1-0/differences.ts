/** The outcome of each case of a run, by case id. */
export type CaseVerdicts = ReadonlyMap<string, string>;

/** Returns a line for each case whose outcome differs between two runs, or that only one of them has. */
export function differencesBetween(first: CaseVerdicts, other: CaseVerdicts): readonly string[] {
  return [...new Set([...first.keys(), ...other.keys()])].flatMap((id) => {
    const [before = 'no result', now = 'no result'] = [first.get(id), other.get(id)];
    return before === now ? [] : [`${id}: ${now}, but ${before} in the first run`];
  });
}
