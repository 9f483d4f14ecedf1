import { type Document, isCollection, type Node, visit } from 'yaml';
import { isObject } from '../../conformance/match/canonical.ts';
import { isLosslessNumber } from '../../conformance/match/json.ts';

/** A YAML node that, as an expectation, holds for just this value: what would be read as a pattern is escaped. */
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

/** The text of a node, as it stands in a document. */
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
  // In $literal nothing is a pattern, so nothing is escaped; numbers that lose digits have no literal there.
  if (Object.keys(value).some((key) => key.startsWith('$'))) return { $literal: value };
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, asLiteral(member)]));
}
