/** Clauses that a black box cannot hold a runtime to, and why: they have neither a case nor a mutant. */
export const unobservable: Readonly<Record<string, string>> = {
  'SESSION-10':
    'Neither the time without use nor the number of sessions is given; both may be larger than any run can wait for or open.',
  'RESUME-4': 'How much is kept is not given: what is still there after N events may be gone after N + 1.',
  'STREAM-7':
    'That there is no limit of total time shows only after a time without end; silence is allowed where HTTP/2 keeps the connection alive.',
  'STREAM-8': 'What stands behind a runtime is its own: the kit cannot make it fail.',
};
