import { isObject } from './canonical.ts';
import { type Difference, nothing } from './matching.ts';
import { pathKeys } from './pointer.ts';
import { preview } from './preview.ts';

export type { Difference };

/** A line of a rendering: `-` the expectation, `+` the observation, a space for both. */
export interface DiffLine {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

export interface DiffOptions {
  /** The observation. */
  readonly actual: unknown;
  /** Where it differs from the expectation, as `match` says. */
  readonly differences: readonly Difference[];
  /** The most lines. Default 60. */
  readonly limit?: number;
}

/** The differences below a value, by the key that leads to them. */
interface Branch {
  readonly here: Difference[];
  readonly below: Map<string, Branch>;
}

/**
 * Draws a value as JSON with its differences in their places. Members that hold take one shortened line each; only
 * members that differ are opened.
 */
export function renderDiff({ actual, differences, limit = 60 }: DiffOptions): readonly DiffLine[] {
  const root: Branch = { here: [], below: new Map() };
  for (const difference of differences) plant(root, difference);
  const lines: DiffLine[] = [];
  for (const line of drawValue({ value: actual, label: '', indent: 0 }, root)) {
    if (lines.length >= limit) return [...lines, { sign: ' ', text: '…' }];
    lines.push(line);
  }
  return lines;
}

/** The lines of a rendering as text, one sign and a space before each. */
export function diffText(lines: readonly DiffLine[]): string {
  return lines.map(({ sign, text }) => `${sign} ${text}`.trimEnd()).join('\n');
}

function plant(root: Branch, difference: Difference): void {
  let branch = root;
  for (const key of pathKeys(difference.path)) {
    const below = branch.below.get(key) ?? { here: [], below: new Map() };
    branch.below.set(key, below);
    branch = below;
  }
  branch.here.push(difference);
}

interface Spot {
  readonly value: unknown;
  /** `"status": `, or nothing for an item. */
  readonly label: string;
  readonly indent: number;
}

function* drawValue(spot: Spot, branch: Branch | undefined): Generator<DiffLine> {
  if (branch === undefined) {
    yield line(' ', spot, preview(spot.value, 100));
    return;
  }
  for (const { expected, actual } of branch.here) {
    if (expected !== nothing) yield line('-', spot, expected);
    if (actual !== nothing) yield line('+', spot, actual);
  }
  if (branch.below.size === 0) return;
  const isArray = Array.isArray(spot.value);
  yield line(' ', spot, isArray ? '[' : '{');
  yield* drawMembers(spot.value, branch, spot.indent + 1);
  yield line(' ', { ...spot, label: '' }, isArray ? ']' : '}');
}

function* drawMembers(value: unknown, branch: Branch, indent: number): Generator<DiffLine> {
  const isArray = Array.isArray(value);
  const members = new Map<string, unknown>(isArray || isObject(value) ? Object.entries(value) : []);
  const missing = [...branch.below.keys()].filter((key) => !members.has(key));
  let passed = 0;
  for (const key of [...members.keys(), ...missing]) {
    const below = branch.below.get(key);
    // In a long list, the items that hold are counted.
    if (below === undefined && isArray) {
      passed += 1;
      continue;
    }
    yield* passedLine(passed, indent);
    passed = 0;
    const label = isArray ? '' : `${JSON.stringify(key)}: `;
    yield* drawValue({ value: members.get(key), label, indent }, below);
  }
  yield* passedLine(passed, indent);
}

function* passedLine(passed: number, indent: number): Generator<DiffLine> {
  if (passed > 0)
    yield line(' ', { indent, label: '' }, `… ${passed} that ${passed === 1 ? 'holds' : 'hold'}`);
}

function line(sign: DiffLine['sign'], { indent, label }: Omit<Spot, 'value'>, text: string): DiffLine {
  return { sign, text: `${'  '.repeat(indent)}${label}${text}` };
}
