/** Releases of the contract, oldest first (CONTRACT.md, chapter 14). */
export const contractReleases = ['1.0', '1.1'] as const;

export type ContractRelease = (typeof contractReleases)[number];

/** The release that the kit checks by default. */
export const newestRelease: ContractRelease = '1.1';

/** The releases that a clause or a case applies to. Undefined for all releases. */
export interface Since {
  /** The first release that it applies to. */
  readonly release: ContractRelease;
  /** It also applies to earlier releases of runtimes that create sessions. */
  readonly orWithSessions?: boolean;
}

/** The part of a target that decides which cases apply to it. */
export interface SpokenRelease {
  readonly release: ContractRelease;
  /** Whether `initialize` creates sessions, which release 1.0 leaves optional. */
  readonly hasSessions: boolean;
}

/** Returns whether a clause or a case applies to a target. */
export function appliesTo(since: Since | undefined, { release, hasSessions }: SpokenRelease): boolean {
  if (since === undefined) return true;
  return isAtLeast(release, since.release) || (since.orWithSessions === true && hasSessions);
}

/** Combines the requirements of several clauses: the result applies where all of them do. */
export function strictest(all: readonly (Since | undefined)[]): Since | undefined {
  const rank = (since: Since | undefined): number =>
    since === undefined
      ? 0
      : 2 * contractReleases.indexOf(since.release) + (since.orWithSessions === true ? 0 : 1);
  return all.reduce((one, other) => (rank(other) > rank(one) ? other : one), undefined);
}

function isAtLeast(release: ContractRelease, least: ContractRelease): boolean {
  return contractReleases.indexOf(release) >= contractReleases.indexOf(least);
}
