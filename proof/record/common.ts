import { equals, isObject } from '../../conformance/match/canonical.ts';

/** Placeholder for a value that differs between runs of a step. It cannot become a golden. */
export const unstable: unique symbol = Symbol('unstable');

/** Merges the observations of a step. Values that differ become `unstable`. */
export function commonValue(observations: readonly unknown[]): unknown {
  return observations.reduce((one, other) => common(one, other));
}

function common(one: unknown, other: unknown): unknown {
  if (one === unstable || other === unstable) return unstable;
  if (Array.isArray(one) && Array.isArray(other) && one.length === other.length) {
    return one.map((item, index) => common(item, other[index]));
  }
  if (isObject(one) && isObject(other)) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return Object.fromEntries(
      [...keys].map((key) => [
        key,
        Object.hasOwn(one, key) && Object.hasOwn(other, key) ? common(one[key], other[key]) : unstable,
      ]),
    );
  }
  return equals(one, other) ? one : unstable;
}
