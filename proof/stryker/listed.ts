import { changeOf, type Mutant } from './instrument.ts';
import { type ListedMutants, listedMutants } from './listed-mutants.ts';

/** Returns the reason that the list gives for a mutant. */
export function listedReason(
  mutant: Pick<Mutant, 'file' | 'code' | 'original' | 'replacement'>,
  lists: readonly ListedMutants[] = listedMutants,
): string | undefined {
  return lists.find((list) => includes(list, mutant))?.reason;
}

function includes(
  { file, changes }: ListedMutants,
  mutant: Pick<Mutant, 'file' | 'code' | 'original' | 'replacement'>,
): boolean {
  const changed = Object.hasOwn(changes, mutant.code) ? changes[mutant.code] : undefined;
  return mutant.file === `reference-runtime/${file}` && changed?.includes(changeOf(mutant)) === true;
}

/** Returns the listed changes that no mutant makes, each as a phrase. */
export function vanishedChanges(
  mutants: readonly Mutant[],
  lists: readonly ListedMutants[] = listedMutants,
): readonly string[] {
  const made = new Set(mutants.map((mutant) => `${mutant.file}: ${mutant.code}: ${changeOf(mutant)}`));
  return lists
    .flatMap(({ file, changes }) =>
      Object.entries(changes).flatMap(([code, each]) =>
        each.map((change) => `reference-runtime/${file}: ${code}: ${change}`),
      ),
    )
    .filter((listed) => !made.has(listed));
}
