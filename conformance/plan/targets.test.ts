import { describe, expect, test } from 'vitest';
import { targetKinds } from '../../runners/kinds.ts';
import { listed } from '../text/text.ts';
import { parseTarget } from './targets.ts';

const nothing = { env: [], envFiles: [], args: [] };

test.each([
  [
    'ts=image:registry.example:5000/acme/runtime:1.4',
    { kind: 'image', image: 'registry.example:5000/acme/runtime:1.4', mounts: [], capAdd: [], ...nothing },
  ],
  ['go=command:./runtime --x=y', { kind: 'command', command: './runtime --x=y', inherit: [], ...nothing }],
  ['rust=socket:/run/x.sock', { kind: 'socket', path: '/run/x.sock' }],
  ['kit=embedded', { kind: 'embedded', catalog: 'conformance' }],
  ['kit=embedded:empty', { kind: 'embedded', catalog: 'empty' }],
])('parses %s', (value, target) => {
  expect(parseTarget(value)).toEqual({ name: value.split('=')[0], target });
});

test('looks up a name without a kind in the configuration', () => {
  const configured = { name: 'go-1.2', target: { kind: 'embedded' } } as const;
  expect(parseTarget('go-1.2', new Map([['go-1.2', configured]]))).toBe(configured);
});

describe('parseTarget', () => {
  test.each([
    ['', /write NAME=KIND:VALUE/],
    ['=image:x', /write NAME=KIND:VALUE/],
    ['a b=image:x', /a name consists of letters, digits/],
    ['a=imag:x', /"imag" is not a kind of target; did you mean image\?/],
    [
      'a=my-runtime:latest',
      `"my-runtime" is not a kind of target; use ${listed(targetKinds.map(({ name }) => name))}`,
    ],
    ['a=image:', /image needs a value after the colon/],
    ['a=socket', /socket needs a value after the colon/],
    ['a=embedded:full', /the catalog must be conformance or empty, not full/],
  ])('rejects %j', (value, message) => {
    expect(() => parseTarget(value)).toThrow(message);
  });
});
