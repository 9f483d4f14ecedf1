import { expect, it } from 'vitest';
import { runnerError } from '../testing/target.ts';
import { chooseSocketAccess, containerSocket } from './options.ts';

it('splits the socket path in the container', () => {
  expect(containerSocket()).toEqual({
    path: '/run/mcp/runtime.sock',
    folder: '/run/mcp',
    name: 'runtime.sock',
  });
  expect(containerSocket('/srv//x/../my.sock')).toEqual({
    path: '/srv/my.sock',
    folder: '/srv',
    name: 'my.sock',
  });
});

it.each([
  ['x.sock', 'bad-option'],
  ['/x.sock', 'bad-option'],
  ['/run/x/', 'bad-option'],
  [`/run/${'x'.repeat(110)}/s`, 'path-too-long'],
  [`/run/${'x'.repeat(90)}`, 'path-too-long'],
])('rejects %s', async (path, code) => {
  expect(await runnerError(() => containerSocket(path))).toMatchObject({ code });
});

it('uses a relay if the daemon does not see the files of this machine', () => {
  expect(chooseSocketAccess({ sharesFiles: true }, 'auto')).toBe('bind');
  expect(chooseSocketAccess({ sharesFiles: false }, 'auto')).toBe('relay');
  expect(chooseSocketAccess({ sharesFiles: true }, 'relay')).toBe('relay');
});
