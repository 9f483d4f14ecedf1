import type { DescField, DescMessage, DescMethod, DescService } from '@bufbuild/protobuf';

/**
 * Which message of another module is meant by one of this module: the one of the same full name, else the only one of
 * that name in whatever package. Undefined where there is none.
 */
export function pairMessage(from: DescMessage, others: readonly DescMessage[]): DescMessage | undefined {
  const same = others.find(({ typeName }) => typeName === from.typeName);
  if (same !== undefined) return same;
  const local = localName(from);
  const named = others.filter((other) => localName(other) === local);
  return named.length === 1 ? named[0] : undefined;
}

/**
 * Which field of another message is meant by a field: the one of the same name, else the one of the same number, if its
 * name is new. So a field may be renumbered or renamed, but not both.
 */
export function pairField(from: DescField, other: DescMessage): DescField | undefined {
  const named = other.fields.find(({ name }) => name === from.name);
  if (named !== undefined) return named;
  const numbered = other.fields.find(({ number }) => number === from.number);
  if (numbered === undefined || from.parent.fields.some(({ name }) => name === numbered.name))
    return undefined;
  return numbered;
}

/** Which method of another service is meant: the one of the same name. */
export function pairMethod(from: DescMethod, other: DescService | undefined): DescMethod | undefined {
  return other?.methods.find(({ name }) => name === from.name);
}

/** The name without the package: `McpRequest`, `Outer.Inner`. */
function localName({ typeName, file }: DescMessage): string {
  const { package: protoPackage } = file.proto;
  return protoPackage !== '' && typeName.startsWith(`${protoPackage}.`)
    ? typeName.slice(protoPackage.length + 1)
    : typeName;
}
