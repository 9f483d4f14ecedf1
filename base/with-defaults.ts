/** Merges `given` into `defaults`. Undefined members of `given` keep the default. */
export function withDefaults<T extends object>(defaults: T, given: Partial<T> = {}): T {
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(present) };
}
