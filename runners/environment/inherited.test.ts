import { expect, test } from 'vitest';
import { inheritedEnvironment } from './inherited.ts';

const own = {
  PATH: '/bin',
  LC_ALL: 'C',
  LCX: 'x',
  GITHUB_TOKEN: 'secret',
  NPM_TOKEN: 'secret',
  NODE_AUTH_TOKEN: 'secret',
  MCP_RUNTIME_REQUEST_STATE_KEY: 'secret',
  MY_ONE: '1',
  MY_TWO: '2',
  UNSET: undefined,
};

test('passes the variables that programs need, and no credentials', () => {
  expect(inheritedEnvironment(own)).toEqual({ PATH: '/bin', LC_ALL: 'C' });
});

test('passes further variables by name and by prefix', () => {
  expect(inheritedEnvironment(own, ['NPM_TOKEN', 'MY_*', 'UNSET'])).toEqual({
    PATH: '/bin',
    LC_ALL: 'C',
    NPM_TOKEN: 'secret',
    MY_ONE: '1',
    MY_TWO: '2',
  });
});

test('passes every variable on request', () => {
  const { UNSET: _, ...all } = own;
  expect(inheritedEnvironment(own, ['*'])).toEqual(all);
});
