import { afterEach, describe, expect, test } from 'vitest';
import { withMetadataUrl } from './resource-metadata.ts';
import { post, recorder, ScriptedGateway } from './testing/scripted-gateway.ts';

const { seen, script } = recorder();
const resource = {
  origin: 'https://gateway.example',
  authorizationServers: ['https://issuer.example'],
};
let open: ScriptedGateway | undefined;
afterEach(async () => {
  await open?.[Symbol.asyncDispose]();
  open = undefined;
});

describe('GW-59: the metadata of the protected resource', () => {
  test.each([
    ['', 'https://gateway.example'],
    ['/mcp', 'https://gateway.example/mcp'],
    ['/servers/a%20b/mcp', 'https://gateway.example/servers/a%20b/mcp'],
  ])('of %j are served to callers without credentials', async (endpoint, expected) => {
    open = await ScriptedGateway.start(script, { anonymous: 'refuse', resource });
    const answer = await fetch(new URL(`/.well-known/oauth-protected-resource${endpoint}`, open.url));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await answer.json()).toEqual({
      resource: expected,
      authorization_servers: ['https://issuer.example'],
      bearer_methods_supported: ['header'],
    });
    expect(seen).toEqual([]);
  });

  test('are at the URL in a challenge', async () => {
    open = await ScriptedGateway.start(script, { anonymous: 'refuse', resource });
    const { status, headers } = await fetch(open.url, post({}));
    expect([status, headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer resource_metadata="https://gateway.example/.well-known/oauth-protected-resource/mcp"',
    ]);
  });

  test('do not exist for other paths and methods, or without the option', async () => {
    open = await ScriptedGateway.start(script, { anonymous: 'refuse', resource });
    const base = new URL('/.well-known/oauth-protected-resource', open.url).href;
    for (const path of ['/other', '/mcp/x', '/_internal', 'x']) {
      expect([path, (await fetch(base + path)).status]).toEqual([path, 404]);
    }
    expect((await fetch(base, { method: 'POST' })).status).toBe(404);
    await open[Symbol.asyncDispose]();
    open = await ScriptedGateway.start(script, { anonymous: 'refuse' });
    expect((await fetch(new URL('/.well-known/oauth-protected-resource', open.url))).status).toBe(404);
  });

  test.each([
    ['Bearer error="invalid_token"', '/mcp', 'Bearer error="invalid_token", resource_metadata="{}/mcp"'],
    ['Bearer', '/servers/a"b/mcp?q', 'Bearer resource_metadata="{}/servers/a%22b/mcp"'],
    ['bearer', 'http://gateway.example/mcp', 'bearer resource_metadata="{}/mcp"'],
    ['Basic realm="a"', '/mcp', 'Basic realm="a"'],
  ])('are named in the challenge %s', (challenge, url, expected) => {
    const base = 'https://gateway.example/.well-known/oauth-protected-resource';
    expect(withMetadataUrl(challenge, { url }, resource)).toBe(expected.replace('{}', base));
  });
});
