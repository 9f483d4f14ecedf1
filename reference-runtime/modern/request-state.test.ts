import { randomBytes } from 'node:crypto';
import * as sdk from '@modelcontextprotocol/server';
import { describe, expect, test } from 'vitest';
import type { CallScope } from '../catalog/catalog.ts';
import { anonymousCaller } from '../identity/caller.ts';
import { bindingOf, requestState } from './request-state.ts';

const key = randomBytes(32);
const scope: CallScope = { caller: anonymousCaller, serverId: '', owner: 'caller alice' };
const params = { name: 'a', arguments: { x: 1, y: 2 } };
const binding = bindingOf(scope, 'tools/call', params);

describe('bindingOf', () => {
  test.each<[string, CallScope, string, object]>([
    ['caller', { ...scope, owner: 'caller bob' }, 'tools/call', params],
    ['virtual server', { ...scope, serverId: 'one' }, 'tools/call', params],
    ['method', scope, 'prompts/get', params],
    ['tool', scope, 'tools/call', { ...params, name: 'b' }],
    ['argument', scope, 'tools/call', { ...params, arguments: { x: 1, y: 3 } }],
  ])('differs for another %s', (_, ...request) => {
    expect(bindingOf(...request)).not.toBe(binding);
  });

  test('is the same for each round of a request', () => {
    const next = { arguments: { y: 2, x: 1 }, name: 'a', inputResponses: {}, requestState: 's', _meta: {} };
    expect(bindingOf(scope, 'tools/call', next)).toBe(binding);
  });
});

describe('requestState', () => {
  const state = requestState(sdk, key, 60_000, binding);

  test('opens the state that it sealed, even in another instance with the same key', async () => {
    const sealed = await state.seal({ step: 1 });
    expect(await requestState(sdk, key, 60_000, binding).open(sealed)).toEqual({ step: 1 });
  });

  test('seals state with a lifetime other than the default', async () => {
    await expect(state.open(await state.seal({ step: 1 }, -1000))).rejects.toThrow();
    expect(await state.open(await state.seal({ step: 1 }, 1000))).toEqual({ step: 1 });
  });

  test('refuses every changed character', async () => {
    const sealed = await state.seal({ step: 1 });
    for (let at = 0; at < sealed.length; at++) {
      const replacement = sealed[at] === 'A' ? 'B' : 'A';
      await expect(state.open(sealed.slice(0, at) + replacement + sealed.slice(at + 1))).rejects.toThrow();
    }
    const last = sealed.charCodeAt(sealed.length - 1);
    for (const flip of [1, 2]) {
      await expect(state.open(sealed.slice(0, -1) + String.fromCharCode(last ^ flip))).rejects.toThrow();
    }
  });

  test.each([
    ['of another request', requestState(sdk, key, 60_000, 'other')],
    ['of another key', requestState(sdk, randomBytes(32), 60_000, binding)],
    ['that has expired', requestState(sdk, key, -1000, binding)],
  ])('refuses state %s', async (_, other) => {
    await expect(state.open(await other.seal({ step: 1 }))).rejects.toThrow();
  });
});
