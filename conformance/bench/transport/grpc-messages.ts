import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** A response message or a chunk. `body` is a part of the decoded bytes. */
export interface HttpPart {
  status: number;
  errorStatus: number;
  done: boolean;
  body: Uint8Array;
  /** The encoded entries of the header fields. Most calls do not need them. */
  readonly entries: Uint8Array[];
}

const noBytes = new Uint8Array();

/** The numbers of the fields in `McpResponse` and `McpChunk`. The load generator decodes nothing else. */
interface FieldNumbers {
  readonly status: number;
  readonly headers: number;
  readonly body: number;
  readonly done?: number;
  readonly errorStatus?: number;
}

const responseFields: FieldNumbers = { status: 1, headers: 2, body: 3 };
const chunkFields: FieldNumbers = { body: 1, done: 2, errorStatus: 3, status: 4, headers: 5 };

/** @throws Error for bytes that are not valid protobuf */
export function decodeResponse(bytes: Uint8Array): HttpPart {
  return decode(bytes, responseFields);
}

/** @throws Error for bytes that are not valid protobuf */
export function decodeChunk(bytes: Uint8Array): HttpPart {
  return decode(bytes, chunkFields);
}

function decode(bytes: Uint8Array, numbers: FieldNumbers): HttpPart {
  const part: HttpPart = { status: 0, errorStatus: 0, done: false, body: noBytes, entries: [] };
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === numbers.body && type === WireType.LengthDelimited) part.body = reader.bytes();
    else if (number === numbers.status && type === WireType.Varint) part.status = reader.int32();
    else if (number === numbers.headers && type === WireType.LengthDelimited)
      part.entries.push(reader.bytes());
    else if (number === numbers.done && type === WireType.Varint) part.done = reader.bool();
    else if (number === numbers.errorStatus && type === WireType.Varint) part.errorStatus = reader.int32();
    else reader.skip(type, number);
  }
  return part;
}

/** Decodes header fields. @throws Error for bytes that are not valid protobuf */
export function decodeEntries(entries: readonly Uint8Array[]): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const entry of entries) {
    const reader = new BinaryReader(entry);
    let name = '';
    let value = '';
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      if (number === 1) name = reader.string();
      else if (number === 2) value = reader.string();
      else reader.skip(type, number);
    }
    fields[name.toLowerCase()] = value;
  }
  return fields;
}
