import type { DescField, DescFile, DescMessage, FileRegistry } from '@bufbuild/protobuf';
import type { Clauses } from '../load/clauses.ts';

/** The element of a module that a finding is about. Names are those before the change. */
export type ProtoElement =
  | { readonly kind: 'field'; readonly message: string; readonly name: string }
  | { readonly kind: 'method' | 'message'; readonly name: string }
  | { readonly kind: 'package' }
  | { readonly kind: 'other' };

/** The element for people: `McpRequest.method`, `rpc Invoke`; empty for `other`. */
export function nameOfElement(element: ProtoElement): string {
  if (element.kind === 'other') return '';
  if (element.kind === 'package') return 'package';
  if (element.kind === 'field') return `${element.message}.${element.name}`;
  return `${element.kind === 'method' ? 'rpc' : 'message'} ${element.name}`;
}

/**
 * The clauses whose text names an element of the module: a change of the element concerns them, whether or not a case
 * shows it. Ids, in the order of the contract.
 */
export function clausesNaming(
  element: ProtoElement,
  clauses: Clauses,
  protoPackage: string,
): readonly string[] {
  const names = (code: string): boolean => {
    if (element.kind === 'other') return false;
    if (element.kind === 'package') return code.includes(protoPackage);
    // `status` alone may be of any message, `HealthResponse.status` is of one.
    return code === element.name || (element.kind === 'field' && code === nameOfElement(element));
  };
  return [...clauses.values()]
    .filter(({ text }) => [...text.matchAll(/`([^`]+)`/g)].some(([, code = '']) => names(code)))
    .map(({ id }) => id);
}

/** Every message of a module, the nested ones too, without the entries of maps. */
export function messagesOf(registry: FileRegistry): readonly DescMessage[] {
  return [...registry].filter(
    (type): type is DescMessage =>
      type.kind === 'message' && !type.file.proto.package.startsWith('google.protobuf'),
  );
}

/** The file with the first service of this name, whatever its package. */
export function fileOfService(registry: FileRegistry, name: string | undefined): DescFile | undefined {
  return [...registry].find((type) => type.kind === 'service' && type.name === name)?.file;
}

/**
 * The message of another module that stands for a message of this one: the one of the same full name, else the only one
 * of that name in any package.
 */
export function pairMessage(from: DescMessage, others: readonly DescMessage[]): DescMessage | undefined {
  const same = others.find(({ typeName }) => typeName === from.typeName);
  if (same !== undefined) return same;
  const named = others.filter((other) => localName(other) === localName(from));
  return named.length === 1 ? named[0] : undefined;
}

/**
 * The field of another message that stands for a field: the one of the same name, else the one of the same number, if
 * its name is new. So a field may be renumbered or renamed, but not both.
 */
export function pairField(from: DescField, other: DescMessage): DescField | undefined {
  const named = other.fields.find(({ name }) => name === from.name);
  if (named !== undefined) return named;
  const numbered = other.fields.find(({ number }) => number === from.number);
  return from.parent.fields.some(({ name }) => name === numbered?.name) ? undefined : numbered;
}

/** The name without the package: `McpRequest`, `Outer.Inner`. */
function localName({ typeName, file }: DescMessage): string {
  const prefix = file.proto.package === '' ? '' : `${file.proto.package}.`;
  return typeName.startsWith(prefix) ? typeName.slice(prefix.length) : typeName;
}
