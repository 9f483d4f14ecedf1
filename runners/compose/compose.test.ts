import { expect, test } from 'vitest';
import type { ImagePlace } from '../image/image-instance.ts';
import { targetKinds } from '../kinds.ts';
import { runnerError } from '../testing/target.ts';
import { renderOverride } from './override.ts';
import { composeTarget, splitService } from './target.ts';

test.each([
  ['compose.yaml#runtime', { file: 'compose.yaml', service: 'runtime' }],
  ['../a#b/compose.yaml#runtime', { file: '../a#b/compose.yaml', service: 'runtime' }],
])('splits %s into a file and a service', (value, parts) => {
  expect(splitService(value)).toEqual(parts);
});

test.each(['compose.yaml', '#runtime', 'compose.yaml#', ''])(
  'rejects %j before anything starts',
  async (value) => {
    const error = await runnerError(() => composeTarget.check?.({ kind: 'compose', service: value }));
    expect(error).toMatchObject({
      code: 'bad-option',
      message: `--compose ${value}: the service is missing.`,
    });
  },
);

test('lists the kind and resolves the file from the folder of the configuration', () => {
  expect(targetKinds).toContain(composeTarget);
  const sourceOf = () => undefined;
  expect(composeTarget.flag.configured?.({ value: 'compose.yaml#a', folder: '/etc/kit', sourceOf })).toBe(
    '/etc/kit/compose.yaml#a',
  );
  expect(composeTarget.describe({ kind: 'compose', service: 'compose.yaml#a' })).toBe(
    'compose compose.yaml#a',
  );
});

const basics = {
  service: 'runtime',
  labels: { run: '1' },
  environment: { SOCKET: '/run/mcp/runtime.sock', PRICE: '$5', GONE: null },
  user: '1:1',
  hostUsers: false,
  folder: '/run/mcp',
  selinux: false,
};

function place(kind: 'bind' | 'relay'): ImagePlace {
  return { kind, place: { folder: '/tmp/x/s', volume: 'v-1' } } as unknown as ImagePlace;
}

test('overrides variables, user and socket folder of the service', () => {
  const text = renderOverride({ ...basics, version: undefined, where: place('bind') });
  const { version, volumes, services } = JSON.parse(text);
  expect({ version, volumes }).toEqual({});
  expect(services.runtime).toMatchObject({
    // Compose turns $$ into $.
    environment: ['SOCKET=/run/mcp/runtime.sock', 'PRICE=$$5', 'GONE'],
    user: '1:1',
    volumes: ['/tmp/x/s:/run/mcp'],
    restart: 'no',
    healthcheck: { disable: true },
  });
});

test('puts the socket of a relayed target into an external volume', () => {
  const text = renderOverride({ ...basics, version: undefined, where: place('relay') });
  const { volumes, services } = JSON.parse(text);
  expect(volumes).toEqual({ 'v-1': { external: true, name: 'v-1' } });
  expect(services.runtime.volumes).toEqual(['v-1:/run/mcp:nocopy']);
});

test('writes an override in the version of an old file', () => {
  const text = renderOverride({ ...basics, version: '2.4', where: place('relay') });
  expect(JSON.parse(text)).toMatchObject({
    version: '2.4',
    volumes: { 'v-1': { external: { name: 'v-1' } } },
  });
});
