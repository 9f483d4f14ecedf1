import { legacyRevisions, modernRevisions } from '../case/era.ts';

/** Every MCP revision that the contract covers, oldest first. */
export const allRevisions = [...legacyRevisions, ...modernRevisions] as const;

/** Names for groups of revisions. */
const groups: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['legacy', legacyRevisions],
  ['modern', modernRevisions],
  ['all', allRevisions],
]);

/** Expands names to revisions, oldest first and without duplicates. Ignores unknown names. */
export function expandRevisions(names: readonly string[]): readonly string[] {
  const wanted = new Set(names.flatMap((name) => groups.get(name) ?? [name]));
  return allRevisions.filter((revision) => wanted.has(revision));
}

/** Returns the shortest text for these revisions: `all`, `legacy`, `modern`, or their names joined with commas. */
export function describeRevisions(revisions: readonly string[]): string {
  for (const [name, members] of [...groups].reverse()) {
    if (members.length === revisions.length && members.every((member) => revisions.includes(member)))
      return name;
  }
  return revisions.join(', ');
}
