import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { equals, isObject } from '../../conformance/match/canonical.ts';
import { childPath } from '../../conformance/match/pointer.ts';
import { templateNames } from '../../conformance/match/variables.ts';
import { unstable } from './common.ts';
import { literalNode } from './literal-node.ts';
import { toShorthand } from './message-words.ts';

/** A replacement for a node of the file. */
export interface NodeChange {
  /** JSON pointer into the observation. */
  readonly path: string;
  /** The current node. Its range gives the position in the file. */
  readonly old: Node;
  readonly replacement: Node;
}

/** A pair of an expected and an observed value. */
interface Comparison {
  readonly node: Node;
  readonly observed: unknown;
  readonly path: string;
}

/**
 * Returns the smallest changes that make the literals of an expectation equal to the observation. Skips patterns,
 * strings with variables, aliases and unstable values.
 * @param partial whether the expectation may omit members. If true, no members are added
 */
export function reconcile(
  document: Document,
  comparison: Comparison,
  partial: boolean,
): readonly NodeChange[] {
  const { node, observed, path } = comparison;
  if (observed === unstable || isSkipped(node)) return [];
  if (isMap(node)) {
    const operands = operandOf(node);
    if (operands !== undefined) {
      const { node: operand, words } = operands;
      const seen = words && isMap(operand) ? toShorthand(operand, observed) : observed;
      return reconcile(document, { path, node: operand, observed: seen }, operands.partial);
    }
    if (isOperatorMap(node)) return [];
    if (isObject(observed)) return reconcileMap(document, { node, observed, path }, partial);
  }
  if (isSeq(node) && Array.isArray(observed)) return reconcileSeq(document, { node, observed, path });
  if (isScalar(node) && equals(node.value, observed)) return [];
  return [{ path, old: node, replacement: literalNode(document, observed) }];
}

function reconcileMap(
  document: Document,
  at: { readonly node: YAMLMap; readonly observed: Readonly<Record<string, unknown>>; readonly path: string },
  partial: boolean,
): readonly NodeChange[] {
  const { node, observed, path } = at;
  const named = new Set(node.items.map(keyOf));
  const gone = node.items.filter((pair) => !Object.hasOwn(observed, keyOf(pair)) && !mayBeAbsent(pair.value));
  const added = partial
    ? []
    : Object.entries(observed).filter(([key, value]) => !named.has(key) && value !== unstable);
  if (gone.length > 0 || added.length > 0) {
    return [{ path, old: node, replacement: rewriteMap(document, at, { gone, added }) }];
  }
  return node.items.flatMap((pair) => {
    const key = keyOf(pair);
    if (!Object.hasOwn(observed, key) || !isNode(pair.value)) return [];
    return reconcile(
      document,
      { node: pair.value, observed: observed[key], path: childPath(path, key) },
      false,
    );
  });
}

function rewriteMap(
  document: Document,
  at: { readonly node: YAMLMap; readonly observed: Readonly<Record<string, unknown>>; readonly path: string },
  change: { readonly gone: readonly Pair[]; readonly added: readonly (readonly [string, unknown])[] },
): Node {
  const copy = at.node.clone() as YAMLMap;
  copy.items = copy.items.filter((pair) => !change.gone.some((gone) => keyOf(gone) === keyOf(pair)));
  for (const pair of copy.items) {
    const key = keyOf(pair);
    if (!Object.hasOwn(at.observed, key) || !isNode(pair.value)) continue;
    pair.value = rewrite(document, { node: pair.value, observed: at.observed[key], path: '' });
  }
  for (const [key, value] of change.added) {
    copy.items.push(document.createPair(key, null));
    const pair = copy.items.at(-1);
    if (pair !== undefined) pair.value = literalNode(document, value);
  }
  return copy;
}

function reconcileSeq(
  document: Document,
  at: { readonly node: YAMLSeq; readonly observed: readonly unknown[]; readonly path: string },
): readonly NodeChange[] {
  const { node, observed, path } = at;
  if (node.items.length !== observed.length) {
    const copy = node.clone() as YAMLSeq;
    copy.items = observed.map((item, index) => {
      const written = copy.items[index];
      return isNode(written)
        ? rewrite(document, { node: written, observed: item, path: '' })
        : literalNode(document, item);
    });
    return [{ path, old: node, replacement: copy }];
  }
  return node.items.flatMap((item, index) =>
    isNode(item)
      ? reconcile(document, { node: item, observed: observed[index], path: childPath(path, index) }, false)
      : [],
  );
}

/** Applies all changes to a node inside a replaced node. */
function rewrite(document: Document, comparison: Comparison): Node {
  let result = comparison.node;
  for (const { old, replacement } of reconcile(document, comparison, false))
    result = replaceNode(result, old, replacement);
  return result;
}

function replaceNode(root: Node, old: Node, replacement: Node): Node {
  if (root === old) return replacement;
  if (isMap(root)) {
    for (const pair of root.items)
      if (isNode(pair.value)) pair.value = replaceNode(pair.value, old, replacement);
  } else if (isSeq(root)) {
    root.items = root.items.map((item) => (isNode(item) ? replaceNode(item, old, replacement) : item));
  }
  return root;
}

function isSkipped(node: Node): boolean {
  if (isScalar(node)) return typeof node.value === 'string' && templateNames(node.value).length > 0;
  return !isMap(node) && !isSeq(node);
}

function isOperatorMap(node: YAMLMap): boolean {
  return node.items.some((pair) => keyOf(pair).startsWith('$'));
}

/** Returns the literal inside an operator such as `$include`, which permits additional values. */
function operandOf(
  node: YAMLMap,
): { readonly node: Node; readonly partial: boolean; readonly words?: true } | undefined {
  const [pair, ...others] = node.items;
  if (pair === undefined || others.length > 0 || !isNode(pair.value)) return undefined;
  const key = keyOf(pair);
  if (key === '$include') return { node: pair.value, partial: true };
  if (key === '$message') return { node: pair.value, partial: true, words: true };
  return key === '$optional' ? { node: pair.value, partial: false } : undefined;
}

function mayBeAbsent(value: unknown): boolean {
  return isMap(value) && (value.has('$absent') || value.has('$optional'));
}

function keyOf(pair: Pair): string {
  return String(isScalar(pair.key) ? pair.key.value : pair.key);
}
