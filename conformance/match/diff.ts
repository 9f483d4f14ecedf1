import { count } from '../text/text.ts';
import { isObject } from './canonical.ts';
import { type Difference, nothing } from './matcher.ts';
import { pathKeys } from './pointer.ts';
import { preview } from './preview.ts';

export type { Difference };

/** A line of a rendered difference: `-` marks the expectation, `+` the observation, a space common content. */
export interface DiffLine {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** Inputs of a rendered difference. */
export interface DiffOptions {
  /** The observation. */
  readonly actual: unknown;
  /** The differences that `match` returned. */
  readonly differences: readonly Difference[];
  /** Maximum number of lines. Default: 60. */
  readonly limit?: number;
}

/** The differences at a value and, by key, below it. */
interface DifferenceTree {
  readonly here: Difference[];
  readonly below: Map<string, DifferenceTree>;
}

/**
 * Renders a value as JSON with each difference in its place. Members that match take one shortened line each. Only
 * members that differ are expanded.
 */
export function renderDiff({ actual, differences, limit = 60 }: DiffOptions): readonly DiffLine[] {
  const root: DifferenceTree = { here: [], below: new Map() };
  for (const difference of differences) insert(root, difference);
  const lines: DiffLine[] = [];
  for (const line of renderValue({ value: actual, label: '', indent: 0 }, root)) {
    if (lines.length >= limit) return [...lines, { sign: ' ', text: '…' }];
    lines.push(line);
  }
  return lines;
}

/** Joins rendered lines into text. Each line starts with its sign and a space. */
export function diffText(lines: readonly DiffLine[]): string {
  return lines.map(({ sign, text }) => `${sign} ${text}`.trimEnd()).join('\n');
}

function insert(root: DifferenceTree, difference: Difference): void {
  let branch = root;
  for (const key of pathKeys(difference.path)) {
    const below = branch.below.get(key) ?? { here: [], below: new Map() };
    branch.below.set(key, below);
    branch = below;
  }
  branch.here.push(difference);
}

interface Placement {
  readonly value: unknown;
  /** `"status": `, or an empty string for an item of a list. */
  readonly label: string;
  readonly indent: number;
}

function* renderValue(placement: Placement, branch: DifferenceTree | undefined): Generator<DiffLine> {
  if (branch === undefined) {
    yield line(' ', placement, preview(placement.value, 100));
    return;
  }
  for (const { expected, actual } of branch.here) {
    if (expected !== nothing) yield line('-', placement, expected);
    if (actual !== nothing) yield line('+', placement, actual);
  }
  if (branch.below.size === 0) return;
  const isArray = Array.isArray(placement.value);
  yield line(' ', placement, isArray ? '[' : '{');
  yield* renderMembers(placement.value, branch, placement.indent + 1);
  yield line(' ', { ...placement, label: '' }, isArray ? ']' : '}');
}

function* renderMembers(value: unknown, branch: DifferenceTree, indent: number): Generator<DiffLine> {
  const isArray = Array.isArray(value);
  const members = new Map<string, unknown>(isArray || isObject(value) ? Object.entries(value) : []);
  const missing = [...branch.below.keys()].filter((key) => !members.has(key));
  let passed = 0;
  for (const key of [...members.keys(), ...missing]) {
    const below = branch.below.get(key);
    // Matching items of a list are only counted.
    if (below === undefined && isArray) {
      passed += 1;
      continue;
    }
    yield* passedLine(passed, indent);
    passed = 0;
    const label = isArray ? '' : `${JSON.stringify(key)}: `;
    yield* renderValue({ value: members.get(key), label, indent }, below);
  }
  yield* passedLine(passed, indent);
}

function* passedLine(passed: number, indent: number): Generator<DiffLine> {
  if (passed > 0) yield line(' ', { indent, label: '' }, `… ${count(passed, 'matching item')}`);
}

function line(sign: DiffLine['sign'], { indent, label }: Omit<Placement, 'value'>, text: string): DiffLine {
  return { sign, text: `${'  '.repeat(indent)}${label}${text}` };
}
