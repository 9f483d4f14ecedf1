import { isUtf8 } from 'node:buffer';
import {
  create,
  type DescField,
  type DescMessage,
  type DescService,
  type FileRegistry,
  fromBinary,
  ScalarType,
  toBinary,
} from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { pairField } from './elements.ts';

/** A call in the form that a program built from the other module makes it. */
export type TranslatedCall =
  | {
      readonly kind: 'served';
      /** Path in the form `/package.Service/Method`. */
      readonly path: string;
      /** Translates an encoded message. */
      readonly request: (bytes: Uint8Array) => Uint8Array;
      readonly response: (bytes: Uint8Array) => Uint8Array;
    }
  /** The other module does not have the method. */
  | { readonly kind: 'gone' };

/**
 * Translates calls from one module to another: the same methods and content by name, but with the paths, field numbers
 * and types of the other module. Messages that both modules encode identically pass unchanged.
 */
export class Translation {
  /**
   * The differences that require translation: methods with a different path, missing methods, and fields with a
   * different number or encoding. Empty if both modules interpret the same bytes at the same paths identically.
   */
  readonly differences: readonly string[];
  readonly #service: DescService;
  readonly #other: DescService | undefined;
  /** Calls by the name of the method. */
  readonly #calls = new Map<string, TranslatedCall>();

  /**
   * @param service the service that the engine calls
   * @param other the module to translate to
   */
  constructor(service: DescService, other: FileRegistry) {
    this.#service = service;
    const services = [...other].filter((type): type is DescService => type.kind === 'service');
    this.#other =
      services.find(({ typeName }) => typeName === service.typeName) ??
      services.find(({ name }) => name === service.name);
    this.differences = this.#other === undefined ? ['no service'] : [...this.#pair(this.#other)];
  }

  /** Returns the translation of a call. Paths that are not methods of the service pass unchanged. */
  call(path: string): TranslatedCall {
    const [, service = '', name = ''] = path.split('/');
    if (service !== this.#service.typeName) return untranslated(path);
    if (this.#other === undefined) return { kind: 'gone' };
    return this.#calls.get(name) ?? untranslated(`/${this.#other.typeName}/${name}`);
  }

  /** Pairs the methods of both services and yields their differences. */
  *#pair({ typeName, methods }: DescService): Generator<string> {
    if (typeName !== this.#service.typeName) yield `service ${typeName}`;
    const seen = new Set<string>();
    for (const { name, input, output } of this.#service.methods) {
      const other = methods.find((method) => method.name === name);
      if (other === undefined) {
        this.#calls.set(name, { kind: 'gone' });
        yield `rpc ${name} no longer exists`;
        continue;
      }
      this.#calls.set(name, {
        kind: 'served',
        path: `/${typeName}/${name}`,
        request: isAlike(input, other.input) ? same : (bytes) => translate(bytes, input, other.input),
        response: isAlike(output, other.output) ? same : (bytes) => translate(bytes, other.output, output),
      });
      yield* fieldDifferences(input, other.input, seen);
      yield* fieldDifferences(output, other.output, seen);
    }
  }
}

/** Returns a call without translation. */
export function untranslated(path: string): TranslatedCall {
  return { kind: 'served', path, request: same, response: same };
}

function same(bytes: Uint8Array): Uint8Array {
  return bytes;
}

function translate(bytes: Uint8Array, from: DescMessage, to: DescMessage): Uint8Array {
  try {
    return toBinary(to, converted(reflect(from, fromBinary(from, bytes)), to).message);
  } catch {
    // Bytes that are not a valid message cannot be translated.
    return bytes;
  }
}

function converted(from: ReflectMessage, schema: DescMessage): ReflectMessage {
  const to = reflect(schema, create(schema));
  for (const field of from.fields) {
    const other = from.isSet(field) ? pairField(field, schema) : undefined;
    if (other !== undefined) copyField(field, other, { from, to });
  }
  // Fields that one module does not know must stay unknown after translation.
  const numbers = new Set(to.fields.map(({ number }) => number));
  const unknown = from.getUnknown()?.filter(({ no }) => !numbers.has(no)) ?? [];
  if (unknown.length > 0) to.setUnknown(unknown);
  return to;
}

function copyField(
  field: DescField,
  other: DescField,
  { from, to }: { readonly from: ReflectMessage; readonly to: ReflectMessage },
): void {
  if (field.fieldKind === 'map' || other.fieldKind === 'map') {
    if (field.fieldKind !== 'map' || other.fieldKind !== 'map') return;
    for (const [key, value] of from.get(field)) {
      const copy = valueAs(other, value, field);
      const name = scalarAs(other.mapKey, key);
      if (copy !== undefined && name !== undefined) to.get(other).set(name as string, copy);
    }
    return;
  }
  const values = field.fieldKind === 'list' ? [...from.get(field)] : [from.get(field)];
  const copies = values.map((value) => valueAs(other, value, field)).filter((copy) => copy !== undefined);
  if (other.fieldKind === 'list') {
    for (const copy of copies) to.get(other).add(copy);
  } else if (copies.length > 0) {
    to.set(other, copies.at(-1));
  }
}

/** Converts one value to the type of another field. Returns undefined if that type cannot represent it. */
function valueAs(other: DescField, value: unknown, field: DescField): unknown {
  if (field.message !== undefined && other.message !== undefined) {
    return converted(value as ReflectMessage, other.message);
  }
  if (field.message !== undefined || other.message !== undefined) return undefined;
  return scalarAs(other.enum === undefined ? (other.scalar ?? ScalarType.STRING) : ScalarType.INT32, value);
}

/** Converts a scalar to another type, as a program would set the same value. Returns undefined if impossible. */
function scalarAs(type: ScalarType, value: unknown): unknown {
  const integer = integerOf(value);
  switch (type) {
    case ScalarType.STRING:
      return textOf(value);
    case ScalarType.BYTES:
      return value instanceof Uint8Array ? value : new TextEncoder().encode(textOf(value) ?? '');
    case ScalarType.BOOL:
      return integer === undefined ? undefined : integer !== 0n;
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      if (typeof value === 'number') return value;
      return integer === undefined ? undefined : Number(integer);
    default: {
      if (integer === undefined) return undefined;
      const name = ScalarType[type];
      const bits = name.endsWith('64') ? 64 : 32;
      const fitted = /^U|^FIXED/.test(name) ? BigInt.asUintN(bits, integer) : BigInt.asIntN(bits, integer);
      if (fitted !== integer) return undefined;
      return bits === 64 ? integer : Number(integer);
    }
  }
}

function textOf(value: unknown): string | undefined {
  if (!(value instanceof Uint8Array)) return String(value);
  return isUtf8(value) ? new TextDecoder().decode(value) : undefined;
}

function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

/** Returns whether `theirs` has every field of `ours` with the same number and encoding. It may have more fields. */
function isAlike(ours: DescMessage, theirs: DescMessage): boolean {
  return fieldDifferences(ours, theirs, new Set()).length === 0;
}

/** @param seen pairs of messages already compared, because messages can be recursive */
function fieldDifferences(ours: DescMessage, theirs: DescMessage, seen: Set<string>): readonly string[] {
  const pair = `${ours.typeName} ${theirs.typeName}`;
  if (seen.has(pair)) return [];
  seen.add(pair);
  return ours.fields.flatMap((field) => {
    const other = pairField(field, theirs);
    if (other === undefined) return [`${ours.name}.${field.name} no longer exists`];
    if (!isAlikeItself(field, other)) return [`${ours.name}.${field.name} is ${describe(other)}`];
    if (field.message === undefined || other.message === undefined) return [];
    return fieldDifferences(field.message, other.message, seen);
  });
}

/** Returns whether two fields have the same number and encoding, ignoring the fields of their message type. */
function isAlikeItself(field: DescField, other: DescField): boolean {
  return (
    field.number === other.number &&
    field.fieldKind === other.fieldKind &&
    bytesOf(field) === bytesOf(other) &&
    (field.enum === undefined) === (other.enum === undefined) &&
    (field.message === undefined) === (other.message === undefined) &&
    (field.fieldKind !== 'map' || (other.fieldKind === 'map' && field.mapKey === other.mapKey))
  );
}

function describe(field: DescField): string {
  const type = field.message?.name ?? field.enum?.name ?? bytesOf(field);
  return `${field.fieldKind} ${type} ${field.number}`;
}

/** Groups scalar types that encode the same value as the same bytes. */
function bytesOf({ scalar }: DescField): string {
  if (scalar === undefined) return 'none';
  const type = ScalarType[scalar];
  if (/^INT/.test(type)) return 'signed';
  if (/^UINT/.test(type)) return 'unsigned';
  if (/^SINT/.test(type)) return 'zigzag';
  return type === 'STRING' || type === 'BYTES' ? 'bytes' : type;
}
