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
import { pairField, pairMethod } from './pairing.ts';

/** How one call has to be made by a program that was built from the other module. */
export type TranslatedCall =
  | {
      readonly kind: 'served';
      /** `/package.Service/Method`. */
      readonly path: string;
      /** Both take and return an encoded message. */
      readonly request: (bytes: Uint8Array) => Uint8Array;
      readonly response: (bytes: Uint8Array) => Uint8Array;
    }
  /** The other module has no such method. */
  | { readonly kind: 'gone' };

/**
 * Says in the words of one module what is said in those of another: the same methods and the same content by name, with
 * the paths, field numbers and types of the other. What both write alike is passed on as it is, to the byte.
 */
export class Translation {
  readonly #service: DescService;
  readonly #other: DescService | undefined;
  readonly #alike = new Map<string, boolean>();

  /**
   * @param service as the engine speaks it
   * @param other the module to speak instead
   */
  constructor(service: DescService, other: FileRegistry) {
    this.#service = service;
    const services = [...other].filter((type): type is DescService => type.kind === 'service');
    this.#other =
      services.find(({ typeName }) => typeName === service.typeName) ??
      services.find(({ name }) => name === service.name);
  }

  /**
   * What is said in other words, a text for each: paths that differ, methods that are gone, fields that are elsewhere or
   * of other bytes. Nothing where both modules mean the same by the same bytes at the same paths.
   */
  get differences(): readonly string[] {
    if (this.#other === undefined) return ['no service'];
    const seen = new Set<string>();
    const fields = (ours: DescMessage, theirs: DescMessage): readonly string[] => {
      if (seen.has(ours.typeName)) return [];
      seen.add(ours.typeName);
      return ours.fields.flatMap((field) => {
        const other = pairField(field, theirs);
        if (other === undefined) return [`${ours.name}.${field.name} is gone`];
        if (!isAlikeItself(field, other)) return [`${ours.name}.${field.name} is ${describe(other)}`];
        return field.message === undefined || other.message === undefined
          ? []
          : fields(field.message, other.message);
      });
    };
    return [
      ...(this.#other.typeName === this.#service.typeName ? [] : [`service ${this.#other.typeName}`]),
      ...this.#service.methods.flatMap((method) => {
        const other = pairMethod(method, this.#other);
        if (other === undefined) return [`rpc ${method.name} is gone`];
        return [...fields(method.input, other.input), ...fields(method.output, other.output)];
      }),
    ];
  }

  /** How a call is made; what is none of the service's methods keeps its path and its bytes. */
  call(path: string): TranslatedCall {
    const [, service = '', name = ''] = path.split('/');
    const same = (bytes: Uint8Array): Uint8Array => bytes;
    if (service !== this.#service.typeName) return { kind: 'served', path, request: same, response: same };
    if (this.#other === undefined) return { kind: 'gone' };
    const method = this.#service.methods.find((candidate) => candidate.name === name);
    const translated = `/${this.#other.typeName}/${name}`;
    if (method === undefined) return { kind: 'served', path: translated, request: same, response: same };
    const other = pairMethod(method, this.#other);
    if (other === undefined) return { kind: 'gone' };
    const asksAlike = this.#isAlike(method.input, other.input);
    const answersAlike = this.#isAlike(method.output, other.output);
    return {
      kind: 'served',
      path: translated,
      request: asksAlike ? same : (bytes) => this.#message(bytes, method.input, other.input),
      response: answersAlike ? same : (bytes) => this.#message(bytes, other.output, method.output),
    };
  }

  #message(bytes: Uint8Array, from: DescMessage, to: DescMessage): Uint8Array {
    try {
      const message = reflect(to, create(to));
      this.#copy(reflect(from, fromBinary(from, bytes)), message);
      return toBinary(to, message.message);
    } catch {
      // What is no message of that kind is nothing that could be said in other words.
      return bytes;
    }
  }

  #copy(from: ReflectMessage, to: ReflectMessage): void {
    for (const field of from.fields) {
      if (!from.isSet(field)) continue;
      const other = pairField(field, to.desc);
      if (other !== undefined) this.#copyField(field, other, { from, to });
    }
    // What one module does not know must not become known by being passed on.
    const numbers = new Set(to.fields.map(({ number }) => number));
    const unknown = from.getUnknown()?.filter(({ no }) => !numbers.has(no)) ?? [];
    if (unknown.length > 0) to.setUnknown(unknown);
  }

  #copyField(
    field: DescField,
    other: DescField,
    { from, to }: { readonly from: ReflectMessage; readonly to: ReflectMessage },
  ): void {
    if (field.fieldKind === 'map' || other.fieldKind === 'map') {
      if (field.fieldKind !== 'map' || other.fieldKind !== 'map') return;
      const target = to.get(other);
      for (const [key, value] of from.get(field)) {
        const converted = this.#value(value, field, other);
        const name = scalar(key, other.mapKey);
        if (converted !== undefined && name !== undefined) target.set(name as string, converted);
      }
      return;
    }
    const values = field.fieldKind === 'list' ? [...from.get(field)] : [from.get(field)];
    const converted = values.flatMap((value) => {
      const said = this.#value(value, field, other);
      return said === undefined ? [] : [said];
    });
    if (other.fieldKind === 'list') {
      const target = to.get(other);
      for (const value of converted) target.add(value);
    } else if (converted.length > 0) {
      to.set(other, converted.at(-1));
    }
  }

  /** One value in the type of another field; undefined where that type has no way to say it. */
  #value(value: unknown, field: DescField, other: DescField): unknown {
    if (other.message !== undefined) {
      if (field.message === undefined) return undefined;
      const target = reflect(other.message, create(other.message));
      this.#copy(value as ReflectMessage, target);
      return target;
    }
    if (field.message !== undefined) return undefined;
    return scalar(value, other.enum === undefined ? (other.scalar ?? ScalarType.STRING) : ScalarType.INT32);
  }

  /** Whether every field of ours is in theirs with the same number and the same bytes. Further ones change nothing. */
  #isAlike(ours: DescMessage, theirs: DescMessage): boolean {
    const key = `${ours.typeName} ${theirs.typeName}`;
    const known = this.#alike.get(key);
    if (known !== undefined) return known;
    // Messages may hold themselves: until the contrary is found, they are alike.
    this.#alike.set(key, true);
    const alike = ours.fields.every((field) => {
      const other = pairField(field, theirs);
      return other !== undefined && this.#isAlikeField(field, other);
    });
    this.#alike.set(key, alike);
    return alike;
  }

  #isAlikeField(field: DescField, other: DescField): boolean {
    if (!isAlikeItself(field, other)) return false;
    if (field.message === undefined || other.message === undefined) return true;
    return this.#isAlike(field.message, other.message);
  }
}

/** Whether a field has the same number and bytes; what is in the messages that it holds aside. */
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

/** Types of one kind write the same value as the same bytes, so nothing has to be said in other words. */
function bytesOf(field: DescField): string {
  switch (field.scalar) {
    case undefined:
      return 'none';
    case ScalarType.INT32:
    case ScalarType.INT64:
      return 'signed';
    case ScalarType.UINT32:
    case ScalarType.UINT64:
      return 'unsigned';
    case ScalarType.SINT32:
    case ScalarType.SINT64:
      return 'zigzag';
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return 'bytes';
    default:
      return ScalarType[field.scalar];
  }
}

/** A scalar in the form of another type, as a program would write the same value; undefined where it has none. */
function scalar(
  value: unknown,
  type: ScalarType,
): string | number | bigint | boolean | Uint8Array | undefined {
  switch (type) {
    case ScalarType.STRING:
      return textOf(value);
    case ScalarType.BYTES:
      return value instanceof Uint8Array ? value : new TextEncoder().encode(textOf(value) ?? '');
    case ScalarType.BOOL:
      return typeof value === 'boolean'
        ? value
        : integerOf(value) === undefined
          ? undefined
          : integerOf(value) !== 0n;
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return typeof value === 'number'
        ? value
        : integerOf(value) === undefined
          ? undefined
          : Number(integerOf(value));
    default: {
      const integer = integerOf(value);
      const range = ranges.get(type);
      if (integer === undefined || range === undefined) return undefined;
      const { bits, isSigned } = range;
      const least = isSigned ? -(1n << BigInt(bits - 1)) : 0n;
      const most = (1n << BigInt(isSigned ? bits - 1 : bits)) - 1n;
      if (integer < least || integer > most) return undefined;
      return bits === 64 ? integer : Number(integer);
    }
  }
}

const ranges: ReadonlyMap<ScalarType, { readonly bits: number; readonly isSigned: boolean }> = new Map([
  [ScalarType.INT32, { bits: 32, isSigned: true }],
  [ScalarType.SINT32, { bits: 32, isSigned: true }],
  [ScalarType.SFIXED32, { bits: 32, isSigned: true }],
  [ScalarType.UINT32, { bits: 32, isSigned: false }],
  [ScalarType.FIXED32, { bits: 32, isSigned: false }],
  [ScalarType.INT64, { bits: 64, isSigned: true }],
  [ScalarType.SINT64, { bits: 64, isSigned: true }],
  [ScalarType.SFIXED64, { bits: 64, isSigned: true }],
  [ScalarType.UINT64, { bits: 64, isSigned: false }],
  [ScalarType.FIXED64, { bits: 64, isSigned: false }],
]);

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
