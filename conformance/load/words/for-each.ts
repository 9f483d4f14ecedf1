import { isObject } from '../../match/canonical.ts';
import type { ValuePath } from '../yaml-file.ts';
import { Origins, Place } from './place.ts';

/** A suite with every `forEach` expanded. */
export interface UnrolledSuite {
  readonly value: unknown;
  readonly origins: Origins;
  /** The item that a step was expanded for, on one line, or undefined for a step outside `forEach`. */
  itemOf(path: ValuePath): string | undefined;
}

/** The value of `${each}` and the path where it is written. */
interface Item {
  readonly value: unknown;
  readonly written: ValuePath;
}

const maxItemLength = 80;

/**
 * Expands `forEach`. In a case, `forEach: [items]` creates a case for each item. As a step, `forEach: { in: [items],
 * steps }` repeats its steps for each item. `in: { product: [[items], [items]] }` stands for every combination of the
 * items, whose members are merged. A malformed `forEach` stays in place, so that schema validation reports it.
 */
export function unrollSuite(value: unknown): UnrolledSuite {
  const origins = new Origins();
  const items = new Map<string, string>();
  const itemOf = (path: ValuePath) => items.get(JSON.stringify(path));
  if (!isObject(value) || !Array.isArray(value['cases'])) return { value, origins, itemOf };
  const cases: unknown[] = [];
  const root = new Place(origins, []);
  for (const [index, written] of value['cases'].entries()) {
    for (const item of itemsOf(written, ['cases', index])) {
      const place = root.moved(['cases', cases.length], ['cases', index]);
      const { forEach, ...template } = Object(written);
      const unrolled = item === undefined ? written : template;
      const steps = Object(written).steps;
      const whole = Array.isArray(steps)
        ? { ...unrolled, steps: unrollSteps(steps, place.at('steps'), { items, ofCase: item }) }
        : unrolled;
      cases.push(item === undefined ? whole : withItem(whole, item, place));
    }
  }
  return { value: { ...value, cases }, origins, itemOf };
}

/** Returns the items of a well-formed `forEach` of a case, or a single undefined for any other case. */
function itemsOf(written: unknown, path: ValuePath): readonly (Item | undefined)[] {
  const list: unknown = Object(written).forEach;
  if (!Array.isArray(list) || list.length === 0) return [undefined];
  return list.map((value, at) => ({ value, written: [...path, 'forEach', at] }));
}

/** @param ofCase the item of the case, which the items of its steps may refer to */
function unrollSteps(
  steps: readonly unknown[],
  place: Place,
  { items, ofCase }: { readonly items: Map<string, string>; readonly ofCase: Item | undefined },
): unknown[] {
  const unrolled: unknown[] = [];
  const add = (step: unknown, written: ValuePath, item?: Item) => {
    const at = place.moved([unrolled.length], written);
    if (item !== undefined) items.set(JSON.stringify(at.path), nameOf(item.value));
    unrolled.push(item === undefined ? step : withItem(step, item, at));
  };
  for (const [index, step] of steps.entries()) {
    const { in: values, steps: inner, ...others } = Object(Object(step).forEach);
    const scratch = new Place(new Origins(), []);
    const known = ofCase === undefined ? values : withItem(values, ofCase, scratch);
    const all = combined(known, [...place.written, index, 'forEach', 'in']);
    if (all.length === 0 || !Array.isArray(inner) || Object.keys(others).length > 0) {
      add(step, [index]);
      continue;
    }
    for (const item of all) {
      for (const [turn, each] of inner.entries()) add(each, [index, 'forEach', 'steps', turn], item);
    }
  }
  return unrolled;
}

/** Returns the items of `in`: a list, or `{ product: [lists of mappings] }`. Anything else has no items. */
function combined(values: unknown, written: ValuePath): readonly Item[] {
  if (Array.isArray(values)) return values.map((value, at) => ({ value, written: [...written, at] }));
  const lists: unknown = Object(values).product;
  const isProduct =
    Array.isArray(lists) && lists.every((list) => Array.isArray(list) && list.every(isObject));
  if (!isProduct || Object.keys(Object(values)).length > 1) return [];
  const merged = (lists as readonly (readonly object[])[]).reduce<readonly object[]>(
    (items, list) => items.flatMap((item) => list.map((each) => ({ ...item, ...each }))),
    [{}],
  );
  return merged.map((value) => ({ value, written }));
}

const template = /(?<!\$)\$\{each(?:-(?<member>[A-Za-z0-9_-]+))?\}/g;

/** Replaces `${each}` and `${each-NAME}` in a value. A string that is only a placeholder takes the type of the item. */
function withItem(value: unknown, item: Item, place: Place): unknown {
  if (typeof value === 'string') {
    const [only, ...others] = value.matchAll(template);
    if (only !== undefined && others.length === 0 && only[0] === value) {
      const part = partOf(item, only.groups?.['member']);
      if (part !== undefined) place.origins.add(place.path, part.written);
      return part === undefined ? value : part.value;
    }
    return value.replace(template, (whole, member?: string) => {
      const part = partOf(item, member);
      if (part === undefined) return whole;
      return typeof part.value === 'string' ? part.value : JSON.stringify(part.value);
    });
  }
  if (Array.isArray(value)) return value.map((each, index) => withItem(each, item, place.at(index)));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withItem(member, item, place.at(key))]),
  );
}

/** Returns an item or one of its members. For an unknown member it returns undefined, and the template stays. */
function partOf(item: Item, member: string | undefined): Item | undefined {
  if (member === undefined) return item;
  if (!isObject(item.value) || !Object.hasOwn(item.value, member)) return undefined;
  return { value: item.value[member], written: [...item.written, member] };
}

function nameOf(item: unknown): string {
  const text = JSON.stringify(item);
  return text.length > maxItemLength ? `${text.slice(0, maxItemLength - 1)}…` : text;
}
