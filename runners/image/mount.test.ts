import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runnerError } from '../testing/target.ts';
import { parseMount } from './mount.ts';

const here = tmpdir();

describe('parseMount', () => {
  it.each([
    [`${here}:/data`, { type: 'bind', source: here, target: '/data', readOnly: false }],
    [`${here}:/data:ro`, { type: 'bind', source: here, target: '/data', readOnly: true }],
    ['.:/data', { type: 'bind', source: resolve('.'), target: '/data', readOnly: false }],
    ['cache:/data', { type: 'volume', source: 'cache', target: '/data', readOnly: false }],
    [
      `type=bind,src=${here},dst=/data,readonly`,
      { type: 'bind', source: here, target: '/data', readOnly: true },
    ],
    ['type=tmpfs,target=/data', { type: 'tmpfs', source: '', target: '/data', readOnly: false }],
  ])('parses %s', (value, mount) => {
    expect(parseMount(value)).toEqual(mount);
  });

  it.each([
    ['/data', 'it is not SOURCE:TARGET or SOURCE:TARGET:ro'],
    ['/nonexistent:/data', 'there is no /nonexistent'],
    [`${here}:data`, 'the target "data" is not an absolute path'],
    [`${here}:/data:rx`, 'the mode rx is neither ro nor rw'],
    ['type=bind,sorce=/,target=/x', 'unknown key sorce, expected one of'],
    ['type=nfs,target=/x', 'unknown type nfs, expected one of'],
    ['type=bind,target=/x', 'the source is missing'],
  ])('rejects %s', async (value, why) => {
    expect(await runnerError(() => parseMount(value))).toMatchObject({
      code: 'bad-option',
      message: expect.stringContaining(`--mount ${value}: ${why}`),
    });
  });
});
