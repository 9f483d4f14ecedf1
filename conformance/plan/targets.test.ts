import { describe, expect, test } from 'vitest';
import { parseTarget } from './target-value.ts';

const nothing = { env: [], envFiles: [], args: [] };

test.each([
  [
    'ts=image:registry.example:5000/acme/runtime:1.4',
    { kind: 'image', image: 'registry.example:5000/acme/runtime:1.4', mounts: [], ...nothing },
  ],
  ['go=command:./runtime --x=y', { kind: 'command', command: './runtime --x=y', ...nothing }],
  ['rust=socket:/run/x.sock', { kind: 'socket', path: '/run/x.sock' }],
  ['kit=embedded', { kind: 'embedded', catalog: 'conformance' }],
  ['kit=embedded:empty', { kind: 'embedded', catalog: 'empty' }],
])('%s', (value, target) => {
  expect(parseTarget(value)).toEqual({ kind: 'defined', name: value.split('=')[0], target });
});

test('a name alone is one of the configuration', () => {
  expect(parseTarget('go-1.2')).toEqual({ kind: 'named', name: 'go-1.2' });
});

describe('mistakes', () => {
  test.each([
    ['', /write NAME=KIND:VALUE/],
    ['=image:x', /write NAME=KIND:VALUE/],
    ['a b=image:x', /a name is of letters, digits/],
    ['a=imag:x', /"imag" is no kind of target, did you mean image\?/],
    [
      'a=my-runtime:latest',
      /"my-runtime" is no kind of target, it has to be image, command, socket or embedded/,
    ],
    ['a=image:', /image needs a value after the colon/],
    ['a=socket', /socket needs a value after the colon/],
    ['a=embedded:full', /the catalog has to be conformance or empty, not full/],
  ])('%j', (value, message) => {
    expect(() => parseTarget(value)).toThrow(message);
  });
});
