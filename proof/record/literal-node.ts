import { type Document, isCollection, type Node, visit } from 'yaml';
import { isObject } from '../../conformance/match/canonical.ts';
import { isLosslessNumber } from '../../conformance/match/json.ts';

/** Creates a YAML node that, as an expectation, matches exactly this value. Escapes text that looks like a pattern. */
export function literalNode(document: Document, value: unknown): Node {
  const node = document.createNode(asLiteral(value));
  visit(node, {
    Collection: (_key, collection) => {
      collection.flow = true;
    },
  });
  if (isCollection(node)) node.flow = true;
  return node;
}

/** Renders a node as YAML text. */
export function nodeText(document: Document, node: Node): string {
  const holder = document.clone();
  holder.contents = node;
  holder.commentBefore = null;
  holder.comment = null;
  const text = holder.toString({ lineWidth: 0, singleQuote: true, flowCollectionPadding: true });
  return text.replace(/\n$/, '');
}

function asLiteral(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\$(?=\{[A-Za-z][A-Za-z0-9_-]*\})/g, '$$$$');
  if (isLosslessNumber(value)) return { $number: value.value };
  if (Array.isArray(value)) return value.map(asLiteral);
  if (!isObject(value)) return value;
  // $literal disables patterns, so its content needs no escapes. It cannot express numbers that JavaScript rounds.
  if (Object.keys(value).some((key) => key.startsWith('$'))) return { $literal: value };
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, asLiteral(member)]));
}
