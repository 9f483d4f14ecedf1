import { afterEach, expect, it, vi } from 'vitest';
import { callingUser, imageUser, relayUser } from './container-user.ts';

afterEach(() => vi.restoreAllMocks());

it('runs as the user of the kit, unless the kit runs as root', () => {
  vi.spyOn(process, 'getgid').mockReturnValue(1002);
  const uid = vi.spyOn(process, 'getuid').mockReturnValue(1001);
  expect(callingUser({ rootless: false })).toBe('1001:1002');
  expect(callingUser({ rootless: true })).toBe('0:0');
  uid.mockReturnValue(0);
  expect(callingUser({ rootless: false })).toBeUndefined();
});

it.each([
  ['', '65532:65532'],
  ['root', '65532:65532'],
  ['0:0', '65532:65532'],
  ['node', 'node'],
  ['1000:1000', '1000:1000'],
])('runs an image with the user %j as %s', (own, user) => {
  expect(imageUser(own)).toBe(user);
});

it('relays as the user of the target, or as root that may only open files', () => {
  expect(relayUser('1000:1000')).toEqual({ user: '1000:1000', capabilities: [] });
  expect(relayUser('node')).toEqual({ user: '0:0', capabilities: ['DAC_OVERRIDE'] });
  expect(relayUser(undefined)).toEqual({ user: '0:0', capabilities: ['DAC_OVERRIDE'] });
});
