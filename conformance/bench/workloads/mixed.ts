import type { Operation } from './call.ts';

/**
 * Makes an operation that is a different one each time, in a fixed order that spreads each kind evenly.
 * @param shares the number of times that each operation runs in one turn
 */
export function inTurns(shares: readonly (readonly [times: number, operation: Operation])[]): Operation {
  const positions = shares.flatMap(([times, operation]) =>
    Array.from({ length: times }, (_, index) => ({ at: (index + 0.5) / times, operation })),
  );
  const turn = positions.sort((one, other) => one.at - other.at).map(({ operation }) => operation);
  let next = 0;
  return {
    start(done) {
      const operation = turn[next % turn.length];
      next += 1;
      if (operation === undefined) throw new RangeError('a turn needs at least one operation');
      return operation.start(done);
    },
  };
}
