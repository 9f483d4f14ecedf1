import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeLengthPrefixed, LengthPrefixDecoder } from './length-prefix.ts';

describe('length-prefixed messages', () => {
  const bytes = Buffer.concat([
    encodeLengthPrefixed(Buffer.from('one')),
    encodeLengthPrefixed(Buffer.alloc(0)),
    encodeLengthPrefixed(Buffer.from('three')),
  ]);

  it('are decoded from bytes cut at any position', () => {
    for (let size = 1; size <= bytes.length; size += 1) {
      const decoder = new LengthPrefixDecoder(100);
      const messages: string[] = [];
      for (let from = 0; from < bytes.length; from += size) {
        messages.push(...Array.from(decoder.push(bytes.subarray(from, from + size)), String));
      }
      decoder.end();
      expect(messages).toEqual(['one', '', 'three']);
    }
  });

  it('are rejected as soon as their prefix is invalid', () => {
    const push = (hex: string) => () => [...new LengthPrefixDecoder(100).push(Buffer.from(hex, 'hex'))];
    expect(push('0100000000')).toThrow(
      'the target sent a compressed message, although only "identity" was offered',
    );
    expect(push('0700000000')).toThrow('the compression flag of a message is 7, not 0 or 1');
    expect(push('0080000000')).toThrow('a message announces 2147483648 bytes, over the limit of 100');
  });

  it('are decompressed up to the limit if gzip was offered', () => {
    const push = (message: Buffer, limit: number) => [
      ...new LengthPrefixDecoder(limit, true).push(encodeLengthPrefixed(message, true)),
    ];
    expect(push(gzipSync('twelve bytes'), 100).map(String)).toEqual(['twelve bytes']);
    expect(() => push(gzipSync(Buffer.alloc(101)), 100)).toThrow(
      'a message cannot be decompressed with gzip: ',
    );
    expect(() => push(Buffer.from('not gzip'), 100)).toThrow(
      'a message cannot be decompressed with gzip: incorrect header check',
    );
  });

  it('are rejected if the stream ends in the middle', () => {
    const cut = (hex: string) => () => {
      const decoder = new LengthPrefixDecoder(100);
      for (const _ of decoder.push(Buffer.from(hex, 'hex'))) throw new Error('decoded an incomplete message');
      decoder.end();
    };
    expect(cut('000000')).toThrow('the stream ended after 3 of 5 bytes of a length prefix');
    expect(cut('00000000046162')).toThrow('the stream ended after 2 of 4 bytes of a message');
  });
});
