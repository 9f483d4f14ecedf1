import type { Mutant } from './instrument.ts';

/** A class of mutants that no caller can observe. */
interface IgnoredClass {
  readonly reason: string;
  readonly includes: (mutant: Pick<Mutant, 'mutator' | 'original' | 'code'>) => boolean;
}

/** The classes of mutants that are not tried. */
export const ignoredClasses: readonly IgnoredClass[] = [
  {
    reason: 'changes only the wording of a message for people, which the contract leaves open',
    includes: ({ mutator, original }) => mutator === 'StringLiteral' && /[a-z]{2,} [a-z]/i.test(original),
  },
  {
    reason: 'changes the name or the code of an error class, which never leaves the process',
    includes: ({ mutator, code }) =>
      mutator === 'StringLiteral' && /^(?:override )?readonly (?:name|code) = /.test(code),
  },
];

/** Returns why a mutant is not tried, or undefined if it is. */
export function reasonToIgnore(mutant: Pick<Mutant, 'mutator' | 'original' | 'code'>): string | undefined {
  return ignoredClasses.find(({ includes }) => includes(mutant))?.reason;
}
