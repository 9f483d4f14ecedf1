import { isObject } from '../../match/canonical.ts';
import type { ValuePath } from '../yaml-file.ts';
import { Origins, Place } from './place.ts';

/** A suite in which every `forEach` is written out. */
export interface UnrolledSuite {
  readonly value: unknown;
  readonly origins: Origins;
  /** The item that a step was written out for, on one line; undefined for steps outside `forEach`. */
  itemOf(path: ValuePath): string | undefined;
}

/** What `${each}` stands for, and where it is written. */
interface Item {
  readonly value: unknown;
  readonly written: ValuePath;
}

const longestItem = 80;

/**
 * Writes out `forEach`: `forEach: [items]` of a case makes a case for each item, and a step
 * `forEach: { in: [items], steps }` makes its steps for each. A `forEach` of another shape stays, for the schema to refuse.
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
        ? { ...unrolled, steps: unrollSteps(steps, place.at('steps'), items) }
        : unrolled;
      cases.push(item === undefined ? whole : withItem(whole, item, place));
    }
  }
  return { value: { ...value, cases }, origins, itemOf };
}

/** The items of a case with a well-formed `forEach`; for any other case a single undefined. */
function itemsOf(written: unknown, path: ValuePath): readonly (Item | undefined)[] {
  const list: unknown = Object(written).forEach;
  if (!Array.isArray(list) || list.length === 0) return [undefined];
  return list.map((value, at) => ({ value, written: [...path, 'forEach', at] }));
}

function unrollSteps(steps: readonly unknown[], place: Place, items: Map<string, string>): unknown[] {
  const unrolled: unknown[] = [];
  const add = (step: unknown, written: ValuePath, item?: Item) => {
    const at = place.moved([unrolled.length], written);
    if (item !== undefined) items.set(JSON.stringify(at.path), nameOf(item.value));
    unrolled.push(item === undefined ? step : withItem(step, item, at));
  };
  for (const [index, step] of steps.entries()) {
    const { in: values, steps: inner, ...others } = Object(Object(step).forEach);
    const isWellFormed = Array.isArray(values) && Array.isArray(inner) && Object.keys(others).length === 0;
    if (!isWellFormed || values.length === 0) {
      add(step, [index]);
      continue;
    }
    for (const [at, value] of values.entries()) {
      const item = { value, written: [...place.written, index, 'forEach', 'in', at] };
      for (const [turn, each] of inner.entries()) add(each, [index, 'forEach', 'steps', turn], item);
    }
  }
  return unrolled;
}

const template = /(?<!\$)\$\{each(?:-(?<member>[A-Za-z0-9_-]+))?\}/g;

/** The value with `${each}` and `${each-NAME}` replaced. A string that is just one of them takes the value itself. */
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

/** An item, or its member of that name; undefined where it has none, so that the template stays as an unknown variable. */
function partOf(item: Item, member: string | undefined): Item | undefined {
  if (member === undefined) return item;
  if (!isObject(item.value) || !Object.hasOwn(item.value, member)) return undefined;
  return { value: item.value[member], written: [...item.written, member] };
}

function nameOf(item: unknown): string {
  const text = JSON.stringify(item);
  return text.length > longestItem ? `${text.slice(0, longestItem - 1)}…` : text;
}
