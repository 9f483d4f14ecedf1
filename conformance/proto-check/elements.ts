import type { DescField, DescFile, DescMessage, FileRegistry } from '@bufbuild/protobuf';
import type { Clauses } from '../load/clauses.ts';

/** The element that a finding is about, by its name before the change. */
export type ProtoElement =
  | { readonly kind: 'field'; readonly message: string; readonly name: string }
  | { readonly kind: 'method' | 'message'; readonly name: string }
  | { readonly kind: 'package' }
  | { readonly kind: 'other' };

/** Returns the display name of an element: `McpRequest.method`, `rpc Invoke`. Empty for `other`. */
export function nameOfElement(element: ProtoElement): string {
  if (element.kind === 'other') return '';
  if (element.kind === 'package') return 'package';
  if (element.kind === 'field') return `${element.message}.${element.name}`;
  return `${element.kind === 'method' ? 'rpc' : 'message'} ${element.name}`;
}

/**
 * Returns the ids of the clauses whose text names an element, in the order of the contract. A change to the element
 * affects these clauses even if no case shows the effect.
 */
export function clausesNaming(
  element: ProtoElement,
  clauses: Clauses,
  protoPackage: string,
): readonly string[] {
  const names = (code: string): boolean => {
    if (element.kind === 'other') return false;
    if (element.kind === 'package') return code.includes(protoPackage);
    // `status` may name a field of any message, `HealthResponse.status` names exactly one.
    return code === element.name || (element.kind === 'field' && code === nameOfElement(element));
  };
  return [...clauses.values()]
    .filter(({ text }) => [...text.matchAll(/`([^`]+)`/g)].some(([, code = '']) => names(code)))
    .map(({ id }) => id);
}

/** Returns all messages of a module, including nested ones but not map entries. */
export function messagesOf(registry: FileRegistry): readonly DescMessage[] {
  return [...registry].filter(
    (type): type is DescMessage =>
      type.kind === 'message' && !type.file.proto.package.startsWith('google.protobuf'),
  );
}

/** Returns the file of the first service with this name, in any package. */
export function fileOfService(registry: FileRegistry, name: string | undefined): DescFile | undefined {
  return [...registry].find((type) => type.kind === 'service' && type.name === name)?.file;
}

/**
 * Finds the counterpart of a message in another module: the message of the same full name, or the only message
 * of the same local name.
 */
export function pairMessage(from: DescMessage, others: readonly DescMessage[]): DescMessage | undefined {
  const same = others.find(({ typeName }) => typeName === from.typeName);
  if (same !== undefined) return same;
  const named = others.filter((other) => localName(other) === localName(from));
  return named.length === 1 ? named[0] : undefined;
}

/**
 * Finds the counterpart of a field in another message: the field of the same name, or the field of the same number if
 * its name is new. A field can therefore be renumbered or renamed, but not both.
 */
export function pairField(from: DescField, other: DescMessage): DescField | undefined {
  const named = other.fields.find(({ name }) => name === from.name);
  if (named !== undefined) return named;
  const numbered = other.fields.find(({ number }) => number === from.number);
  return from.parent.fields.some(({ name }) => name === numbered?.name) ? undefined : numbered;
}

/** Returns the name without the package: `McpRequest`, `Outer.Inner`. */
function localName({ typeName, file }: DescMessage): string {
  const prefix = file.proto.package === '' ? '' : `${file.proto.package}.`;
  return typeName.startsWith(prefix) ? typeName.slice(prefix.length) : typeName;
}
