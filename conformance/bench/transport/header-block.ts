import { decodeHuffman } from './huffman.ts';

/** The static table of HPACK (RFC 7541, appendix A). */
const staticTable: readonly (readonly [name: string, value: string])[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ...[
    ...['accept-language', 'accept-ranges', 'accept', 'access-control-allow-origin', 'age', 'allow'],
    ...['authorization', 'cache-control', 'content-disposition', 'content-encoding', 'content-language'],
    ...['content-length', 'content-location', 'content-range', 'content-type', 'cookie', 'date', 'etag'],
    ...['expect', 'expires', 'from', 'host', 'if-match', 'if-modified-since', 'if-none-match', 'if-range'],
    ...['if-unmodified-since', 'last-modified', 'link', 'location', 'max-forwards', 'proxy-authenticate'],
    ...['proxy-authorization', 'range', 'referer', 'refresh', 'retry-after', 'server', 'set-cookie'],
    ...['strict-transport-security', 'transfer-encoding', 'user-agent', 'vary', 'via', 'www-authenticate'],
  ].map((name) => [name, ''] as const),
];

/** Encodes fields as literals that no table stores, so that the same bytes serve for every request. */
export function encodeHeaderBlock(fields: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries(fields).flatMap(([name, value]) => [
    Buffer.of(0),
    ...[name, value].flatMap((text) => [
      prefixed(Buffer.byteLength(text, 'latin1')),
      Buffer.from(text, 'latin1'),
    ]),
  ]);
  return Buffer.concat(parts);
}

/** Encodes a length with a prefix of seven bits (RFC 7541, 5.1). */
function prefixed(length: number): Buffer {
  const limit = 127;
  if (length < limit) return Buffer.of(length);
  const bytes = [limit];
  let rest = length - limit;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

/**
 * Decodes a header block from a peer whose dynamic table has the size 0.
 * @throws RangeError if the block is invalid or uses a dynamic table
 */
export function decodeHeaderBlock(block: Buffer): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  const reader = new BlockReader(block);
  while (reader.hasMore) {
    const first = reader.peek();
    if (first >= 0x80) {
      const [name, value] = entryOf(reader.integer(7));
      fields.set(name, value);
    } else if (first >= 0x20 && first < 0x40) {
      if (reader.integer(5) !== 0)
        throw new RangeError('the peer uses a dynamic table, which was not offered');
    } else {
      const index = reader.integer(first >= 0x40 ? 6 : 4);
      const name = index === 0 ? reader.string() : entryOf(index)[0];
      fields.set(name, reader.string());
    }
  }
  return fields;
}

/** Decodes header blocks, and remembers their fields. Peers send few different blocks. */
export class HeaderBlockCache {
  readonly #known = new Map<string, ReadonlyMap<string, string>>();

  /** @throws RangeError for a block that is not valid */
  fieldsOf(block: Buffer): ReadonlyMap<string, string> {
    const key = block.toString('latin1');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const fields = decodeHeaderBlock(block);
    if (this.#known.size >= 64) this.#known.clear();
    this.#known.set(key, fields);
    return fields;
  }
}

function entryOf(index: number): readonly [name: string, value: string] {
  const entry = staticTable[index - 1];
  if (entry === undefined) throw new RangeError(`a header block refers to the unknown entry ${index}`);
  return entry;
}

class BlockReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  peek(): number {
    return this.#bytes.readUInt8(this.#at);
  }

  /** @param bits size of the prefix in the first byte */
  integer(bits: number): number {
    const limit = 2 ** bits - 1;
    let value = this.#next() & limit;
    if (value < limit) return value;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#next();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  string(): string {
    const isCompressed = this.peek() >= 0x80;
    const length = this.integer(7);
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError('a header block ends inside a string');
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return isCompressed ? decodeHuffman(bytes) : bytes.toString('latin1');
  }

  #next(): number {
    const byte = this.#bytes.readUInt8(this.#at);
    this.#at += 1;
    return byte;
  }
}
