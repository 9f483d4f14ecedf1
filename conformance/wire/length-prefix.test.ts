import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodeLengthPrefixed, LengthPrefixDecoder } from './length-prefix.ts';

describe('length-prefixed messages', () => {
  const bytes = Buffer.concat([
    encodeLengthPrefixed(Buffer.from('one')),
    encodeLengthPrefixed(Buffer.alloc(0)),
    encodeLengthPrefixed(Buffer.from('three')),
  ]);

  it('come out whole however the bytes are cut', () => {
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

  it('are refused as soon as their prefix is wrong', () => {
    const push = (hex: string) => () => [...new LengthPrefixDecoder(100).push(Buffer.from(hex, 'hex'))];
    expect(push('0100000000')).toThrow('a compressed message came, though only "identity" was offered');
    expect(push('0700000000')).toThrow('the compression flag of a message is 7, not 0 or 1');
    expect(push('0080000000')).toThrow('a message announces 2147483648 bytes, over the limit of 100');
  });

  it('are inflated where gzip was offered, up to the limit', () => {
    const push = (message: Buffer, limit: number) => [
      ...new LengthPrefixDecoder(limit, true).push(encodeLengthPrefixed(message, true)),
    ];
    expect(push(gzipSync('twelve bytes'), 100).map(String)).toEqual(['twelve bytes']);
    expect(() => push(gzipSync(Buffer.alloc(101)), 100)).toThrow('a message cannot be inflated by gzip: ');
    expect(() => push(Buffer.from('no gzip'), 100)).toThrow(
      'a message cannot be inflated by gzip: incorrect header check',
    );
  });

  it('may not end in the middle', () => {
    const cut = (hex: string) => () => {
      const decoder = new LengthPrefixDecoder(100);
      for (const _ of decoder.push(Buffer.from(hex, 'hex'))) throw new Error('no message is whole');
      decoder.end();
    };
    expect(cut('000000')).toThrow('the stream ended after 3 of 5 bytes of a length prefix');
    expect(cut('00000000046162')).toThrow('the stream ended after 2 of 4 bytes of a message');
  });
});
