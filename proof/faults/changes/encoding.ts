import { type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { rawRequestServiceDefinition } from '../../../proto/grpc-service.ts';
import { McpRuntime } from '../../../proto/index.ts';
import type { Hooks } from '../../harness/fault.ts';

/** A field of an encoded message. */
export interface EncodedField {
  readonly number: number;
  readonly type: WireType;
  /** The bytes after the tag. */
  readonly value: Uint8Array;
}

/** Changes the encoding of every message from the runtime. */
export function onEncoding(change: (bytes: Uint8Array, message: DescMessage) => Uint8Array): Hooks {
  return {
    addService(server, handlers) {
      const entries = Object.entries(rawRequestServiceDefinition(McpRuntime)).map(([name, method]) => {
        const { output } = McpRuntime.method[name as keyof typeof McpRuntime.method];
        const serialize = method.responseSerialize as (message: unknown) => Buffer;
        const responseSerialize = (message: unknown) => Buffer.from(change(serialize(message), output));
        return [name, { ...method, responseSerialize }];
      });
      server.addService(Object.fromEntries(entries), { ...handlers });
    },
  };
}

/** Changes the fields of every message from the runtime. */
export function onEncodedFields(
  change: (fields: readonly EncodedField[], message: DescMessage) => readonly EncodedField[],
): Hooks {
  return onEncoding((bytes, message) => encoded(change(fieldsOf(bytes), message)));
}

function fieldsOf(bytes: Uint8Array): readonly EncodedField[] {
  const reader = new BinaryReader(bytes);
  const fields: EncodedField[] = [];
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    const start = reader.pos;
    reader.skip(type, number);
    fields.push({ number, type, value: bytes.subarray(start, reader.pos) });
  }
  return fields;
}

function encoded(fields: readonly EncodedField[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const { number, type, value } of fields) writer.tag(number, type).raw(value);
  return writer.finish();
}

/** Returns the fields of a message that have no presence and no value, with their defaults written out. */
export function defaultsOf(message: DescMessage, fields: readonly EncodedField[]): readonly EncodedField[] {
  const present = new Set(fields.map(({ number }) => number));
  return message.fields
    .filter(({ fieldKind, number }) => fieldKind === 'scalar' && !present.has(number))
    .map((field) => ({
      number: field.number,
      // The messages have only texts, bytes and varints.
      type: isDelimited(field.scalar) ? WireType.LengthDelimited : WireType.Varint,
      value: Uint8Array.of(0),
    }));
}

function isDelimited(scalar: ScalarType | undefined): boolean {
  return scalar === ScalarType.STRING || scalar === ScalarType.BYTES;
}

/** Writes the length of a field in five bytes, like an encoder that learns the length last. */
export function withWideLength({ number, type, value }: EncodedField): EncodedField {
  if (type !== WireType.LengthDelimited) return { number, type, value };
  const reader = new BinaryReader(value);
  const length = reader.uint32();
  const groups = [0, 7, 14, 21].map((shift) => ((length >>> shift) & 0x7f) | 0x80);
  return {
    number,
    type,
    value: Buffer.concat([Buffer.from([...groups, length >>> 28]), value.subarray(reader.pos)]),
  };
}
