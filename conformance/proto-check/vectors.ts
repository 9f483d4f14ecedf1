import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DescMessage,
  type FileRegistry,
  fromBinary,
  type JsonValue,
  type Message,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { packageRoot } from '../package-root.ts';
import { cut } from '../text/text.ts';
import { messagesOf } from './breaks.ts';
import { pairMessage } from './pairing.ts';
import { ProtoCheckError } from './proto-check-error.ts';
import { type WireValue, wireValues } from './wire-values.ts';

/** Bytes of a message as some encoder wrote it. */
export interface Vector {
  readonly name: string;
  /** The full name of its message. */
  readonly message: string;
  readonly bytes: Uint8Array;
}

/** What the two modules make of the same bytes. */
export interface VectorResult {
  readonly name: string;
  readonly message: string;
  /** `same`: they read the same, and write the same bytes. `json`: only proto3 JSON differs. */
  readonly outcome: 'same' | 'json' | 'wire';
  /** What differs, in a line; empty where nothing does. */
  readonly detail: string;
}

/** The wire vectors of the kit (COMPAT-2). */
export async function loadVectors(): Promise<readonly Vector[]> {
  const folder = join(packageRoot(), 'fixtures', 'vectors');
  const { vectors } = JSON.parse(await readFile(join(folder, 'vectors.json'), 'utf8')) as {
    readonly vectors: readonly { readonly name: string; readonly message: string; readonly file: string }[];
  };
  return Promise.all(
    vectors.map(async ({ name, message, file }) => ({
      name,
      message,
      bytes: new Uint8Array(await readFile(join(folder, file))),
    })),
  );
}

/**
 * Decodes every vector by the old module and by the new one and encodes it again: they have to read the same values at
 * the same numbers, write the same bytes, and, in proto3 JSON, the same text.
 * @throws ProtoCheckError where the old module has none of the messages: then it is another contract
 */
export function checkVectors(
  vectors: readonly Vector[],
  old: FileRegistry,
  fresh: FileRegistry,
): readonly VectorResult[] {
  const olds = messagesOf(old);
  const news = messagesOf(fresh);
  const results = vectors.flatMap(({ name, message, bytes }) => {
    const before = olds.find(({ typeName }) => typeName === message);
    // A message that came later than what the change is held against.
    if (before === undefined) return [];
    return [{ name, message, ...compare(bytes, before, pairMessage(before, news)) }];
  });
  if (results.length === 0 && vectors.length > 0) {
    throw new ProtoCheckError('the old module has none of the messages of the contract: is it another one?');
  }
  return results;
}

function compare(
  bytes: Uint8Array,
  old: DescMessage,
  fresh: DescMessage | undefined,
): Pick<VectorResult, 'outcome' | 'detail'> {
  const before = read(bytes, old);
  if (typeof before === 'string')
    return { outcome: 'wire', detail: `the old module cannot read it: ${before}` };
  if (fresh === undefined) return { outcome: 'wire', detail: `the message ${old.name} is gone` };
  const after = read(bytes, fresh);
  if (typeof after === 'string')
    return { outcome: 'wire', detail: `the new module cannot read it: ${after}` };
  const difference = firstDifference(wireValues(old, before), wireValues(fresh, after), '');
  if (difference !== undefined) return { outcome: 'wire', detail: difference };
  const [one, other] = [toBinary(old, before), toBinary(fresh, after)];
  if (Buffer.compare(one, other) !== 0) {
    return { outcome: 'wire', detail: `written again, it has other bytes: ${hex(one)} and ${hex(other)}` };
  }
  const otherText = firstDifference(jsonValues(toJson(old, before)), jsonValues(toJson(fresh, after)), '');
  if (otherText !== undefined) return { outcome: 'json', detail: `in JSON, ${otherText}` };
  return { outcome: 'same', detail: '' };
}

function read(bytes: Uint8Array, schema: DescMessage): Message | string {
  try {
    return fromBinary(schema, bytes);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** JSON in the form of wire values, so that both are compared alike. */
function jsonValues(value: JsonValue): WireValue {
  if (Array.isArray(value)) return value.map(jsonValues);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, jsonValues(member)]));
}

/** The first place, as field numbers, at which two readings of the same bytes part. */
function firstDifference(one: WireValue, other: WireValue, path: string): string | undefined {
  if (typeof one === 'string' || typeof other === 'string') {
    return one === other ? undefined : `field${path}: ${show(one)} is read as ${show(other)}`;
  }
  const before = new Map(Object.entries(one));
  const after = new Map(Object.entries(other));
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [left, right] = [before.get(key), after.get(key)];
    if (left === undefined || right === undefined) {
      const missing = left === undefined ? 'the new module alone' : 'the old module alone';
      return `field${path} ${key} is read by ${missing}`;
    }
    const difference = firstDifference(left, right, `${path} ${key}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function show(value: WireValue): string {
  return cut(typeof value === 'string' ? value : JSON.stringify(value), 80);
}

function hex(bytes: Uint8Array): string {
  return cut(Buffer.from(bytes).toString('hex'), 80);
}
