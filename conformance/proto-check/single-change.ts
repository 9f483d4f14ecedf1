import {
  clone,
  createFileRegistry,
  type DescField,
  type DescFile,
  type FileRegistry,
} from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  FieldDescriptorProtoSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';
import { fileOfService, messagesOf, type ProtoElement, pairField } from './elements.ts';

/**
 * Applies one of several changes to a module, so that the effect of a breaking change can be measured separately.
 * @param base the old module: a single file without imports
 * @returns the module, or undefined if the change cannot be applied separately
 */
export function withSingleChange(
  base: DescFile,
  changed: FileRegistry,
  element: ProtoElement,
): FileRegistry | undefined {
  const file = clone(FileDescriptorProtoSchema, base.proto);
  if (!apply(file, base, { changed, element })) return undefined;
  try {
    return createFileRegistry(file, () => undefined);
  } catch {
    return undefined;
  }
}

function apply(
  file: FileDescriptorProto,
  base: DescFile,
  { changed, element }: { readonly changed: FileRegistry; readonly element: ProtoElement },
): boolean {
  if (element.kind === 'package') return changePackage(file, changed);
  if (element.kind === 'method') {
    for (const service of file.service) {
      service.method = service.method.filter(({ name }) => name !== element.name);
    }
    return true;
  }
  if (element.kind !== 'field') return false;
  const message = file.messageType.find(({ name }) => name === element.message);
  const before = base.messages
    .find(({ name }) => name === element.message)
    ?.fields.find(({ name }) => name === element.name);
  if (message === undefined || before === undefined) return false;
  return changeField(message, before, changed);
}

function changeField(message: DescriptorProto, before: DescField, changed: FileRegistry): boolean {
  const other = messagesOf(changed).find(({ name }) => name === message.name);
  const index = message.field.findIndex(({ name }) => name === before.name);
  const after = other && pairField(before, other);
  if (after === undefined) {
    message.field.splice(index, 1);
    return true;
  }
  const proto = clone(FieldDescriptorProtoSchema, after.proto);
  message.field.splice(index, 1, proto);
  if (after.fieldKind === 'map') {
    const entryName = proto.typeName.split('.').at(-1);
    const entry = other?.proto.nestedType.find(({ name }) => name === entryName);
    if (entry === undefined) return false;
    message.nestedType = message.nestedType.filter(({ name }) => name !== entryName);
    message.nestedType.push(clone(DescriptorProtoSchema, entry));
    proto.typeName = `.${before.parent.file.proto.package}.${message.name}.${entryName}`;
  }
  return true;
}

function changePackage(file: FileDescriptorProto, changed: FileRegistry): boolean {
  const target = fileOfService(changed, file.service[0]?.name);
  if (target === undefined) return false;
  const before = `.${file.package}.`;
  const after = `.${target.proto.package}.`;
  const renamed = (typeName: string): string =>
    typeName.startsWith(before) ? after + typeName.slice(before.length) : typeName;
  const visit = (message: DescriptorProto): void => {
    for (const field of message.field) field.typeName = renamed(field.typeName);
    for (const nested of message.nestedType) visit(nested);
  };
  for (const message of file.messageType) visit(message);
  for (const { method } of file.service) {
    for (const each of method) {
      each.inputType = renamed(each.inputType);
      each.outputType = renamed(each.outputType);
    }
  }
  file.package = target.proto.package;
  return true;
}
