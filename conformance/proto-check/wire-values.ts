import { type DescField, type DescMessage, type Message, ScalarType } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';

/** What the bytes of a message mean, without the names of its fields: values by field number, as text or nested. */
export type WireValue = string | readonly WireValue[] | { readonly [number: string]: WireValue };

/**
 * A message by field number. Scalars are text of one form for each kind of wire type, so that types that share their
 * bytes (`int32` and `int64`, `string` and `bytes`) compare as alike. What the descriptor does not know is in it, too.
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
  switch (field.fieldKind) {
    case 'message':
      return ofMessage(message.get(field));
    case 'scalar':
      return ofScalar(field.scalar, message.get(field));
    case 'enum':
      return String(message.get(field));
    case 'list': {
      const kind = field.listKind;
      const scalar = kind === 'scalar' ? field.scalar : undefined;
      return [...message.get(field)].map((item) => ofItem(item, scalar));
    }
    case 'map': {
      const scalar = field.mapKind === 'scalar' ? field.scalar : undefined;
      return Object.fromEntries(
        [...message.get(field)].map(([key, value]) => [`key ${String(key)}`, ofItem(value, scalar)]),
      );
    }
  }
}

function ofItem(item: unknown, scalar: ScalarType | undefined): WireValue {
  if (scalar !== undefined) return ofScalar(scalar, item);
  return typeof item === 'number' ? String(item) : ofMessage(item as ReflectMessage);
}

function ofScalar(type: ScalarType, value: unknown): WireValue {
  switch (type) {
    case ScalarType.STRING:
      return `bytes ${Buffer.from(String(value), 'utf8').toString('hex')}`;
    case ScalarType.BYTES:
      return `bytes ${Buffer.from(value as Uint8Array).toString('hex')}`;
    case ScalarType.BOOL:
      return value === true ? '1' : '0';
    default:
      return String(value);
  }
}
