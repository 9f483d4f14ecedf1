import { isUtf8 } from 'node:buffer';
import { ScalarType } from '@bufbuild/protobuf';

/** A scalar in the form of another type, as a program would write the same value; undefined where it has none. */
export function scalarAs(
  type: ScalarType,
  value: unknown,
): string | number | bigint | boolean | Uint8Array | undefined {
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
