import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DescField,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  type Message,
  ScalarType,
  toBinary,
  toJsonString,
} from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { errorMessage } from '../../base/error-message.ts';
import { packageRoot } from '../../base/package.ts';
import { cut } from '../text/text.ts';
import { ProtoCheckError } from './buf.ts';
import { messagesOf, pairMessage } from './elements.ts';

/** An encoded message. */
export interface Vector {
  readonly name: string;
  /** Full name of the message. */
  readonly message: string;
  readonly bytes: Uint8Array;
}

/** The result of decoding a vector with both modules. */
export interface VectorResult extends Pick<Vector, 'name' | 'message'> {
  /** `same`: both read the same values and write the same bytes. `json`: only proto3 JSON differs. */
  readonly outcome: 'same' | 'json' | 'wire';
  /** The difference on one line. Empty if there is no difference. */
  readonly detail: string;
}

/** Loads the wire vectors of the kit (COMPAT-2). */
export async function loadVectors(): Promise<readonly Vector[]> {
  const folder = join(packageRoot(), 'fixtures', 'vectors');
  const { vectors } = JSON.parse(await readFile(join(folder, 'vectors.json'), 'utf8')) as {
    readonly vectors: readonly { readonly name: string; readonly message: string; readonly file: string }[];
  };
  return Promise.all(
    vectors.map(async ({ file, ...vector }) => {
      return { ...vector, bytes: new Uint8Array(await readFile(join(folder, file))) };
    }),
  );
}

/**
 * Decodes every vector with the old and the new module and encodes it again. Both must read the same values at the
 * same field numbers and write the same bytes and the same proto3 JSON.
 * @throws ProtoCheckError if the old module does not contain any of the messages, that is, if it is a different
 * contract
 */
export function checkVectors(
  vectors: readonly Vector[],
  old: FileRegistry,
  fresh: FileRegistry,
): readonly VectorResult[] {
  const olds = messagesOf(old);
  const news = messagesOf(fresh);
  const results = vectors.flatMap(({ name, message, bytes }): readonly VectorResult[] => {
    const before = olds.find(({ typeName }) => typeName === message);
    // The old version may not have the message yet.
    if (before === undefined) return [];
    const after = pairMessage(before, news);
    const onWire = wireDifference(bytes, before, after);
    if (onWire !== undefined) return [{ name, message, outcome: 'wire', detail: onWire }];
    const inJson = after && firstDifference(jsonOf(bytes, before), jsonOf(bytes, after), '');
    if (inJson !== undefined) return [{ name, message, outcome: 'json', detail: `in JSON, ${inJson}` }];
    return [{ name, message, outcome: 'same', detail: '' }];
  });
  if (results.length === 0 && vectors.length > 0) {
    throw new ProtoCheckError('the old module contains no message of the contract; check --against');
  }
  return results;
}

function wireDifference(
  bytes: Uint8Array,
  old: DescMessage,
  fresh: DescMessage | undefined,
): string | undefined {
  const before = read(bytes, old);
  if (typeof before === 'string') return `the old module cannot read the vector: ${before}`;
  if (fresh === undefined) return `the message ${old.name} no longer exists`;
  const after = read(bytes, fresh);
  if (typeof after === 'string') return `the new module cannot read the vector: ${after}`;
  const difference = firstDifference(wireValues(old, before), wireValues(fresh, after), '');
  if (difference !== undefined) return difference;
  const [one, other] = [inOrder(toBinary(old, before)), inOrder(toBinary(fresh, after))];
  if (one.equals(other)) return undefined;
  return `the modules write different bytes: ${hex(one)} and ${hex(other)}`;
}

function read(bytes: Uint8Array, schema: DescMessage): Message | string {
  try {
    return fromBinary(schema, bytes);
  } catch (error) {
    return errorMessage(error);
  }
}

/** Converts proto3 JSON to wire values, so that both can be compared in the same way. */
function jsonOf(bytes: Uint8Array, schema: DescMessage): WireValue {
  const text = toJsonString(schema, fromBinary(schema, bytes));
  return JSON.parse(text, (_, value) => (Object(value) === value ? value : JSON.stringify(value)));
}

/**
 * Returns the first difference between two readings of the same bytes, with its path of field numbers or JSON names. A
 * field known only to the new module is an addition, not a difference: the old module keeps it as an unknown field.
 */
function firstDifference(one: WireValue, other: WireValue, path: string): string | undefined {
  if (typeof one === 'string' || typeof other === 'string') {
    return one === other ? undefined : `field${path}: old ${show(one)}, new ${show(other)}`;
  }
  if (Array.isArray(one) && Array.isArray(other) && one.length !== other.length) {
    return `field${path}: old ${one.length} items, new ${other.length}`;
  }
  const after = new Map(Object.entries(other));
  for (const [key, left] of Object.entries(one)) {
    const right = after.get(key);
    if (right === undefined && after.has(key.replace(/^unknown /, '')) && key.startsWith('unknown '))
      continue;
    if (right === undefined) return `only the old module reads field${path} ${key}`;
    const difference = firstDifference(left, right, `${path} ${key}`);
    if (difference !== undefined) return difference;
  }
  const before = new Map(Object.entries(one));
  const added = [...after.keys()].find((key) => key.startsWith('unknown ') && !before.has(key));
  return added === undefined ? undefined : `the new module does not know field${path} ${added}`;
}

/** Sorts the fields of an encoded message by number, because encoders write unknown fields last. */
function inOrder(bytes: Uint8Array): Buffer {
  const reader = new BinaryReader(bytes);
  const fields: { readonly number: number; readonly bytes: Uint8Array }[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    reader.skip(wireType, number);
    fields.push({ number, bytes: bytes.subarray(start, reader.pos) });
  }
  fields.sort((one, other) => one.number - other.number);
  return Buffer.concat(fields.map((field) => field.bytes));
}

function show(value: WireValue): string {
  return cut(typeof value === 'string' ? value : JSON.stringify(value), 80);
}

function hex(bytes: Uint8Array): string {
  return cut(Buffer.from(bytes).toString('hex'), 80);
}

/** The content of an encoded message by field number, without field names. Values are text or nested. */
type WireValue = string | readonly WireValue[] | { readonly [number: string]: WireValue };

/**
 * Returns the content of a message by field number. Scalars become text that depends only on their wire type, so that
 * types with the same encoding (`int32` and `int64`, `string` and `bytes`) are equal. Unknown fields are included.
 */
function wireValues(schema: DescMessage, message: Message): WireValue {
  return ofMessage(reflect(schema, message));
}

function ofMessage(message: ReflectMessage): WireValue {
  const values: Record<string, WireValue> = {};
  for (const field of message.fields) {
    if (message.isSet(field)) values[field.number] = ofField(field, message);
  }
  for (const { no, wireType, data } of message.getUnknown() ?? []) {
    const earlier = values[`unknown ${no}`] ?? '';
    values[`unknown ${no}`] = `${String(earlier)}type ${wireType}, ${Buffer.from(data).toString('hex')};`;
  }
  return values;
}

function ofField(field: DescField, message: ReflectMessage): WireValue {
  if (field.fieldKind === 'list') return [...message.get(field)].map((item) => ofItem(field, item));
  if (field.fieldKind !== 'map') return ofItem(field, message.get(field));
  return Object.fromEntries(
    [...message.get(field)].map(([key, value]) => [`key ${String(key)}`, ofItem(field, value)]),
  );
}

/** Converts a single value, or an item of a list or map. */
function ofItem({ message, scalar }: DescField, item: unknown): WireValue {
  if (message !== undefined) return ofMessage(item as ReflectMessage);
  if (scalar === ScalarType.STRING) return `bytes ${Buffer.from(String(item), 'utf8').toString('hex')}`;
  if (scalar === ScalarType.BYTES) return `bytes ${Buffer.from(item as Uint8Array).toString('hex')}`;
  return typeof item === 'boolean' ? String(Number(item)) : String(item);
}
