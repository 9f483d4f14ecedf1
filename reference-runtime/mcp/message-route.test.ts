import { describe, expect, it } from 'vitest';
import { noClaims } from '../identity/claims.ts';
import type { Exchange } from './exchange.ts';
import { checkCapability, declaredCapabilities, type RouteOptions, routeOf } from './message-route.ts';
import type { ServerMessage } from './server-link.ts';

function exchange(interactive: boolean, progressToken?: string): Exchange {
  return {
    request: { kind: 'request', text: '', id: '1', method: 'x', params: {}, progressToken },
    scope: { caller: { kind: 'anonymous', claims: noClaims }, serverId: '', owner: '' },
    path: { interactive, message: async () => {}, suspend: () => {}, finish: () => {} },
  };
}

const streamed = exchange(true);
const unary = exchange(false);

function route(
  message: Partial<ServerMessage>,
  exchanges: readonly Exchange[],
  options: Partial<RouteOptions> = {},
): number | undefined {
  const base = { id: undefined, method: 'notifications/message', params: {}, related: undefined };
  return routeOf(
    { ...base, write: () => '', ...message },
    {
      exchanges: new Map(exchanges.map((each, index) => [index + 1, each])),
      statesRelation: false,
      liveIsRead: false,
      ...options,
    },
  );
}

describe('the route of a notification', () => {
  it('is the request that the server states', () => {
    expect(route({ related: 2 }, [streamed, streamed])).toBe(2);
  });

  it('is the only request in flight, if it has a stream and nobody reads the live stream', () => {
    expect(route({}, [streamed])).toBe(1);
    expect(route({}, [unary])).toBeUndefined();
    expect(route({}, [unary, streamed])).toBeUndefined();
    expect(route({}, [])).toBeUndefined();
    expect(route({}, [streamed], { liveIsRead: true })).toBeUndefined();
    expect(route({}, [streamed], { statesRelation: true })).toBeUndefined();
  });

  it.each(['notifications/resources/updated', 'notifications/tools/list_changed'])(
    'is always the live stream for %s',
    (method) => {
      expect(route({ method }, [streamed])).toBeUndefined();
    },
  );

  it.each([
    ['"\\u0061"', 'a', 2],
    ['7', 7, 2],
    ['9007199254740993', 9007199254740992, 2],
    ['"7"', 7, undefined],
    [undefined, undefined, undefined],
  ])('of progress is the request with the token %s', (token, progressToken, expected) => {
    const message = { method: 'notifications/progress', params: { progressToken } };
    expect(route(message, [streamed, exchange(true, token), unary])).toBe(expected);
  });
});

describe('the route of a server request', () => {
  const message = { id: 1, method: 'sampling/createMessage' };

  it('is the only request with a stream, or else the live stream, or else the latest request with a stream', () => {
    expect(route(message, [unary, streamed], { liveIsRead: true })).toBe(2);
    expect(route(message, [streamed, streamed], { liveIsRead: true })).toBeUndefined();
    expect(route(message, [streamed, streamed, unary])).toBe(2);
    expect(route(message, [unary])).toBeUndefined();
  });
});

describe('checkCapability', () => {
  it('refuses a request whose capability the caller did not declare', () => {
    const declared = declaredCapabilities({ capabilities: { sampling: {} } });
    expect(() => checkCapability(declared, 'sampling/createMessage')).not.toThrow();
    expect(() => checkCapability(declared, 'custom/method')).not.toThrow();
    expect(() => checkCapability(declared, 'elicitation/create')).toThrow('does not support elicitation');
    expect(() => checkCapability(declaredCapabilities({}), 'roots/list')).toThrow('does not support roots');
  });
});
