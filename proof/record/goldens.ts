import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { locateSteps } from '../../conformance/load/words/steps.ts';
import { isObject } from '../../conformance/match/canonical.ts';
import { commonValue, unstable } from './common.ts';
import { nodeText } from './literal-node.ts';
import { toShorthand } from './message-words.ts';
import { type NodeChange, reconcile } from './reconcile.ts';

/** The observation of one run of a step. A step that runs several times has several observations. */
export interface Observed {
  /** `suite/case`. */
  readonly caseId: string;
  /**
   * Path from the steps of the case to this step: `[3]`, or for a nested step also the keys on the way:
   * `[2, 'parallel', 0, 1]`, `[1, 'repeat', 'steps', 0]`, `[4, 'receive', 'prompting', 0]`.
   */
  readonly stepPath: readonly (string | number)[];
  /** Observed value, in the form that the step's `expect` describes. */
  readonly observation: unknown;
}

/** A rewritten value of the file. */
export interface GoldenChange {
  readonly caseId: string;
  readonly stepPath: Observed['stepPath'];
  /** JSON pointer into the observation. */
  readonly path: string;
  /** Line number in the original text, starting at 1. */
  readonly line: number;
}

export interface Recording {
  /** New text of the file. Equal to the original if nothing differs. */
  readonly text: string;
  readonly changes: readonly GoldenChange[];
}

/** Thrown if goldens cannot be recorded. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
  readonly code = 'not-recordable';
}

/** Steps whose `expect` is a pattern for the whole observation instead of some of its members. */
const wholeVerbs: ReadonlySet<string> = new Set(['receive', 'check']);

/**
 * Rewrites literals in the `expect` of steps if they differ from the observations. Keeps patterns, variables, aliases,
 * comments and the layout of matching values.
 * @param text a suite file that `loadFixtures` accepts
 * @param observed observations of its cases; observations of other suites are ignored
 * @throws RecordError if a step does not exist or the text is not YAML
 */
export function recordGoldens(text: string, observed: readonly Observed[]): Recording {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) throw new RecordError('the file is not YAML');
  const suite: unknown = document.get('suite');
  const found = group(
    observed.filter(({ caseId }) => caseId.startsWith(`${String(suite)}/`)),
    locateSteps(document.toJS()),
  );
  const planned = found.flatMap((step) => {
    const changes = changesOf(document, step);
    return changes.map((change) => ({ step, change }));
  });
  const edits = planned.map(({ change }) => editOf(document, text, change));
  const result = apply(text, edits);
  if (parseDocument(result).errors.length > 0) throw new RecordError('the recorded file would not be YAML');
  return {
    text: result,
    changes: planned.map(({ step, change }) => ({
      caseId: step.caseId,
      stepPath: step.stepPath,
      path: change.path,
      line: lines.linePos(change.old.range?.[0] ?? 0).line,
    })),
  };
}

interface ObservedStep {
  readonly caseId: string;
  readonly stepPath: Observed['stepPath'];
  /** Path of the step from the root of the file. */
  readonly written: Observed['stepPath'];
  readonly observations: unknown[];
}

/** Groups observations by step of the file. `forEach` and loops give a step several observations. */
function group(
  observed: readonly Observed[],
  locate: ReturnType<typeof locateSteps>,
): readonly ObservedStep[] {
  const steps = new Map<string, ObservedStep>();
  for (const { caseId, stepPath, observation } of observed) {
    const written = locate(caseId.slice(caseId.indexOf('/') + 1), stepPath);
    if (written === undefined) throw new RecordError(`the file has no case ${caseId}`);
    const key = JSON.stringify(written);
    const step = steps.get(key) ?? { caseId, stepPath, written, observations: [] };
    steps.set(key, step);
    step.observations.push(observation);
  }
  return [...steps.values()];
}

function changesOf(document: Document.Parsed, step: ObservedStep): readonly NodeChange[] {
  const node = stepNode(document, step);
  const [pair] = isMap(node) ? node.items : [];
  const verb = String(isScalar(pair?.key) ? pair.key.value : '');
  const expectation = isMap(pair?.value) ? pair.value.get('expect', true) : undefined;
  const expect = verb === 'launch' && isMap(expectation) ? expectation.get('exit', true) : expectation;
  if (!isNode(expect)) return [];
  const observed = commonValue(step.observations);
  if (wholeVerbs.has(verb)) return reconcile(document, { node: expect, observed, path: '' }, false);
  return reconcile(
    document,
    { node: expect, observed: asExpected(observed, { expect, step }), path: '' },
    true,
  );
}

/** Reduces an observation to the values that `expect` compares. Choices become unstable. */
function asExpected(
  observed: unknown,
  { expect, step }: { readonly expect: Node; readonly step: ObservedStep },
): unknown {
  if (!isMap(expect) || !isObject(observed)) return observed;
  const { grpc = 'OK', headers } = observed;
  if (grpc !== 'OK' && !expect.has('grpc') && !expect.has('anyOf')) {
    throw new RecordError(`${step.caseId} ended with gRPC status ${String(grpc)}; add "grpc" to its expect`);
  }
  const named = expect.get('headers');
  return {
    ...toShorthand(expect, observed['message']),
    ...observed,
    ...(expect.has('anyOf') ? { anyOf: unstable } : {}),
    ...(isSeq(expect.get('grpc')) ? { grpc: unstable } : {}),
    ...(isMap(named) && isObject(headers) ? { headers: headersNamed(named, headers) } : {}),
    ...statusClass(expect.get('status'), observed['status']),
  };
}

/** Keeps a status class such as `2xx` if the observed status belongs to it. */
function statusClass(written: unknown, status: unknown): { readonly status?: string } {
  const matches = typeof written === 'string' && String(status).replace(/..$/, 'xx') === written;
  return matches ? { status: written } : {};
}

function headersNamed(named: YAMLMap, headers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const fields = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(fields.filter(([name]) => named.has(name)));
}

/** Finds the node of a step. Returns undefined if the path leads through an alias, because aliases stay unchanged. */
function stepNode(document: Document.Parsed, { caseId, stepPath, written }: ObservedStep): unknown {
  let node: unknown = document.contents;
  for (const key of written) {
    if (isAlias(node)) return undefined;
    node = isCollection(node) ? node.get(key, true) : undefined;
  }
  if (node === undefined) throw new RecordError(`${caseId} has no step at ${stepPath.join('/')}`);
  return node;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function editOf(document: Document, text: string, { old, replacement }: NodeChange): Edit {
  const [start = 0, end = 0] = old.range ?? [];
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const column = start - lineStart;
  const own = text.slice(lineStart).search(/[^ ]/);
  const isBlock = isCollection(replacement) && replacement.flow !== true;
  const indent = ' '.repeat(isBlock ? column : own + 2);
  const rendered = nodeText(document, replacement).split('\n').join(`\n${indent}`);
  // A block collection ends with the line break after its last value.
  const isCut = text.slice(start, end).endsWith('\n');
  return { start, end, text: isCut ? `${rendered}\n` : rendered };
}

function apply(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const { start, end, text: inserted } of edits.toSorted((one, other) => other.start - one.start)) {
    result = `${result.slice(0, start)}${inserted}${result.slice(end)}`;
  }
  return result;
}
