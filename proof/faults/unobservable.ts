/** Clauses that a black-box test cannot observe, with the reason. They have neither cases nor faults. */
export const unobservable: Readonly<Record<string, string>> = {
  'SESSION-10':
    'The contract leaves the idle time and the number of sessions open. Both may exceed any test run.',
  'RESUME-4': 'The contract leaves the size of the replay buffer open. An event may expire at any moment.',
  'STREAM-8': 'The kit does not control the dependencies of a runtime, so it cannot make them fail.',
  'CLIENT-15':
    'A test run is finite, so it cannot prove that a gateway has no limit on silence. Limits of minutes are common.',
};
