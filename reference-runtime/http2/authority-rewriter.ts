/**
 * The number of characters for each code length of the Huffman code (RFC 7541, appendix B). The codes are canonical, so
 * these numbers determine where a code ends.
 */
const codeCounts = [
  0, 0, 0, 0, 0, 10, 26, 32, 6, 0, 5, 3, 2, 6, 2, 3, 0, 0, 0, 3, 8, 13, 26, 29, 12, 4, 15, 19, 29, 0, 4,
];

/** `:authority` is the first entry of the static table. */
const authorityIndex = 1;
const authorityName = Buffer.from(':authority');
const permitted = /[A-Za-z0-9\-._~%]/;
const replacement = 0x2d;

type Part = 'start' | 'index' | 'string-start' | 'length' | 'text';

/**
 * Replaces the characters in `:authority` header fields that nghttp2 does not accept (RPC-18). Node has no option to
 * skip its check, and the runtime does not use the field. Some gRPC clients send the path of the socket there, plain or
 * percent-encoded.
 *
 * It reads header blocks (RFC 7541) byte by byte. A replacement has the same length as the original, both encoded and
 * decoded. Frames and the dynamic tables of HPACK therefore keep their sizes, so the rewriter need not track tables.
 */
export class AuthorityRewriter {
  #part: Part = 'start';
  /** The number of strings in the field that have not started yet. */
  #strings = 0;
  #isAuthority = false;
  /** The number of bytes of the name that match `:authority` so far. Negative after a difference. */
  #matched = 0;
  /** The number of remaining bytes of the string. */
  #left = 0;
  #shift = 1;
  #isHuffman = false;
  readonly #code = new HuffmanCode();

  /** Rewrites a part of a header block in place. */
  rewrite(block: Buffer): void {
    for (let at = 0; at < block.length; at += 1) {
      if (this.#part !== 'text' || this.#isAuthority || this.#strings === 1) {
        this.#part = this.#step(block, at);
        continue;
      }
      // The text of another field.
      const taken = Math.min(this.#left, block.length - at);
      this.#left -= taken;
      at += taken - 1;
      this.#part = this.#text();
    }
  }

  #step(block: Buffer, at: number): Part {
    const byte = block[at] ?? 0;
    switch (this.#part) {
      case 'start':
        return this.#start(byte);
      case 'index':
        return byte & 0x80 ? 'index' : this.#next();
      case 'string-start':
        this.#strings -= 1;
        this.#isHuffman = (byte & 0x80) !== 0;
        this.#code.reset();
        this.#left = byte & 0x7f;
        this.#shift = 1;
        return this.#left === 0x7f ? 'length' : this.#text();
      case 'length':
        this.#left += (byte & 0x7f) * this.#shift;
        this.#shift *= 0x80;
        return byte & 0x80 ? 'length' : this.#text();
      case 'text':
        block[at] = this.#character(byte);
        this.#left -= 1;
        return this.#text();
    }
  }

  /** Reads the first byte of a field: its kind, and the index of a field or name. */
  #start(byte: number): Part {
    const isLiteral = byte < 0x80 && (byte >= 0x40 || byte < 0x20);
    const mask = byte >= 0x80 ? 0x7f : byte >= 0x40 ? 0x3f : byte >= 0x20 ? 0x1f : 0x0f;
    const index = byte & mask;
    this.#strings = isLiteral ? (index === 0 ? 2 : 1) : 0;
    this.#isAuthority = isLiteral && index === authorityIndex;
    this.#matched = 0;
    return index === mask ? 'index' : this.#next();
  }

  #next(): Part {
    return this.#strings > 0 ? 'string-start' : 'start';
  }

  #text(): Part {
    return this.#left > 0 ? 'text' : this.#next();
  }

  /** Returns the byte that replaces a byte of a name or of a value. */
  #character(byte: number): number {
    // A name is followed by one more string.
    if (this.#strings === 1) {
      const matches = !this.#isHuffman && this.#matched >= 0 && authorityName[this.#matched] === byte;
      this.#matched = matches ? this.#matched + 1 : -1;
      this.#isAuthority = this.#matched === authorityName.length;
      return byte;
    }
    if (!this.#isAuthority) return byte;
    if (this.#isHuffman) return this.#code.replace(byte);
    return permitted.test(String.fromCharCode(byte)) ? byte : replacement;
  }
}

/** The bits of a Huffman code that have arrived so far. */
class HuffmanCode {
  #bits = 0;
  #length = 0;
  /** The lowest code of this length. */
  #lowest = 0;

  reset(): void {
    this.#bits = 0;
    this.#length = 0;
    this.#lowest = 0;
  }

  /**
   * Replaces space with `-` or `%` with `.`, `/` with `3` and `:` with `B`. The codes of each pair differ in one bit:
   * for `/` and `:` in the last bit, and for space and `%` in the fifth of six bits. No other code begins with the five
   * bits that the codes of space and `%` share.
   */
  replace(byte: number): number {
    let replaced = byte;
    for (let bit = 7; bit >= 0; bit -= 1) {
      this.#lowest = (this.#lowest + (codeCounts[this.#length] ?? 0)) * 2;
      this.#length += 1;
      this.#bits = this.#bits * 2 + ((byte >> bit) & 1);
      if (isReplaced(this.#length, this.#bits)) {
        this.#bits += 1;
        replaced |= 1 << bit;
      }
      if (this.#bits - this.#lowest < (codeCounts[this.#length] ?? 0)) this.reset();
    }
    return replaced;
  }
}

function isReplaced(length: number, bits: number): boolean {
  return (
    (length === 5 && bits === 0b0_1010) ||
    (length === 6 && bits === 0b01_1000) ||
    (length === 7 && bits === 0b101_1100)
  );
}
