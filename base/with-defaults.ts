/** `given` on top of `defaults`; members of `given` that are undefined leave the default in place. */
export function withDefaults<T extends object>(defaults: T, given: Partial<T> = {}): T {
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(present) };
}
