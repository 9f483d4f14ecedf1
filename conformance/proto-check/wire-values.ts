import { type DescField, type DescMessage, type Message, ScalarType } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';

/** What the bytes of a message mean, without the names of its fields: values by field number, as text or nested. */
export type WireValue = string | readonly WireValue[] | { readonly [number: string]: WireValue };

/**
 * A message by field number. Scalars are text of one form for each kind of wire type, so that types that share their
 * bytes (`int32` and `int64`, `string` and `bytes`) compare as equal. Fields unknown to the descriptor are included.
 */
export function wireValues(schema: DescMessage, message: Message): WireValue {
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

/** A value of the field itself, or an item of its list or map. */
function ofItem({ message, scalar }: DescField, item: unknown): WireValue {
  if (message !== undefined) return ofMessage(item as ReflectMessage);
  if (scalar === ScalarType.STRING) return `bytes ${Buffer.from(String(item), 'utf8').toString('hex')}`;
  if (scalar === ScalarType.BYTES) return `bytes ${Buffer.from(item as Uint8Array).toString('hex')}`;
  return typeof item === 'boolean' ? String(Number(item)) : String(item);
}
