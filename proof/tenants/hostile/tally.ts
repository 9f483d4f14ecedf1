/** How the calls of an attack ended. */
export interface AttackTally {
  sent: number;
  /** Answered with a status below 400. */
  served: number;
  /** Answered with a status of 400 or more, or with a gRPC status other than OK. */
  refused: number;
  /** Cancelled by the tenant itself. */
  cancelled: number;
  /** Not answered within the time limit of the call. */
  late: number;
}

/** How the calls of all attacks ended, by the name of the attack. */
export type Tallies = Record<string, AttackTally>;

/** Returns the tally of an attack, which it creates if it is missing. */
export function tallyOf(tallies: Tallies, attack: string): AttackTally {
  tallies[attack] ??= { sent: 0, served: 0, refused: 0, cancelled: 0, late: 0 };
  return tallies[attack];
}

/** Adds the numbers of other tallies. */
export function addTallies(sum: Tallies, more: Tallies): void {
  for (const [attack, tally] of Object.entries(more)) {
    const total = tallyOf(sum, attack);
    for (const key of Object.keys(tally) as (keyof AttackTally)[]) total[key] += tally[key];
  }
}

/** Returns one line with the numbers that are not 0. */
export function describeTally({ sent, ...ends }: AttackTally): string {
  const parts = Object.entries(ends).filter(([, count]) => count > 0);
  return [`${sent} calls`, ...parts.map(([name, count]) => `${count} ${name}`)].join(', ');
}
