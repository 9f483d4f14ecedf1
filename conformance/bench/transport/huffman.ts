/** The lengths in bits of the codes of HPACK (RFC 7541, appendix B), by symbol. The last one is the end of a string. */
const lengths = [
  // 0 to 31
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28,
  28, 28, 28, 28, 28,
  // 32 to 63
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  // 64 to 95
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  // 96 to 127
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  // 128 to 159
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22,
  23, 22, 23, 23, 24,
  // 160 to 191
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22,
  22, 23, 22, 22, 23,
  // 192 to 223
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26,
  26, 28, 27, 27, 27,
  // 224 to 256
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27,
  27, 27, 27, 27, 26, 30,
];

const endOfString = 256;

/**
 * A binary tree of codes: `tree[2 * node + bit]` is the next node, or the complement of a symbol. The code is
 * canonical, so the lengths define it: codes of a length are consecutive, in the order of their symbols.
 */
const tree = makeTree();

function makeTree(): readonly number[] {
  const nodes: number[] = [0, 0];
  const symbols = [...lengths.keys()].sort(
    (one, other) => (lengths[one] ?? 0) - (lengths[other] ?? 0) || one - other,
  );
  let code = 0;
  let width = lengths[symbols[0] ?? 0] ?? 0;
  for (const symbol of symbols) {
    const length = lengths[symbol] ?? 0;
    code <<= length - width;
    width = length;
    let node = 0;
    for (let bit = length - 1; bit > 0; bit -= 1) {
      const at = 2 * node + ((code >>> bit) & 1);
      if (nodes[at] === 0) {
        nodes[at] = nodes.length / 2;
        nodes.push(0, 0);
      }
      node = nodes[at] ?? 0;
    }
    nodes[2 * node + (code & 1)] = ~symbol;
    code += 1;
  }
  return nodes;
}

/** Decodes a string of HPACK. @throws RangeError if it is invalid */
export function decodeHuffman(bytes: Uint8Array): string {
  const text: number[] = [];
  let node = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      const next = tree[2 * node + ((byte >>> bit) & 1)] ?? 0;
      if (next >= 0) {
        node = next;
        continue;
      }
      if (~next === endOfString) throw new RangeError('a header field contains the end-of-string symbol');
      text.push(~next);
      node = 0;
    }
  }
  return String.fromCharCode(...text);
}
