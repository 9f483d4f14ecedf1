import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { encodeLengthPrefixed } from '../../base/length-prefix.ts';
import { Reframing } from './reframing.ts';

const twice = (message: Uint8Array): Uint8Array => Buffer.concat([message, message]);
const ab = encodeLengthPrefixed(Buffer.from('ab'));
const abab = encodeLengthPrefixed(Buffer.from('abab')).toString('hex');

async function through(chunks: readonly Buffer[]): Promise<string> {
  return (await buffer(Readable.from(chunks).pipe(new Reframing(twice)))).toString('hex');
}

test('translates messages independently of chunk boundaries', async () => {
  const bytes = Buffer.concat([ab, ab, encodeLengthPrefixed(Buffer.alloc(0))]);
  const expected = `${abab}${abab}0000000000`;
  expect(await through([bytes])).toBe(expected);
  expect(await through([...bytes].map((byte) => Buffer.from([byte])))).toBe(expected);
});

test('passes bytes that are not a complete message unchanged', async () => {
  const cut = Buffer.concat([ab, ab.subarray(0, 6)]);
  expect(await through([cut])).toBe(`${abab}${ab.subarray(0, 6).toString('hex')}`);
  const compressed = encodeLengthPrefixed(Buffer.from('ab'), true);
  expect(await through([compressed, ab])).toBe(Buffer.concat([compressed, ab]).toString('hex'));
  const lying = Buffer.concat([Buffer.from('00ffffffff', 'hex'), Buffer.from('ab')]);
  expect(await through([lying, ab])).toBe(Buffer.concat([lying, ab]).toString('hex'));
});
