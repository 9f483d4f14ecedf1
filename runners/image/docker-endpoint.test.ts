import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dockerEndpoint, useEndpoint } from './docker-endpoint.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docker-config-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes a context as `docker context create` does. */
async function writeContext(name: string, host: string, withCertificates = false): Promise<void> {
  const id = createHash('sha256').update(name).digest('hex');
  const metadata = join(folder, 'contexts/meta', id);
  await mkdir(metadata, { recursive: true });
  const Endpoints = { docker: { Host: host, SkipTLSVerify: false } };
  await writeFile(join(metadata, 'meta.json'), JSON.stringify({ Name: name, Metadata: {}, Endpoints }));
  if (withCertificates) await mkdir(join(folder, 'contexts/tls', id, 'docker'), { recursive: true });
}

const select = (name: string) =>
  writeFile(join(folder, 'config.json'), JSON.stringify({ currentContext: name }));
const endpointIn = (environment: Readonly<Record<string, string>>) =>
  dockerEndpoint({ DOCKER_CONFIG: folder, ...environment });

test('without settings, it is the local daemon', async () => {
  expect(endpointIn({})).toEqual({ from: 'default' });
  await select('default');
  expect(endpointIn({})).toEqual({ from: 'default' });
});

test('the current context selects the daemon', async () => {
  await writeContext('colima', 'unix:///home/me/.colima/docker.sock');
  await select('colima');
  const expected = { from: 'context', name: 'colima', host: 'unix:///home/me/.colima/docker.sock' };
  expect(endpointIn({})).toEqual(expected);
  expect(dockerEndpoint({ HOME: '/nonexistent' })).toEqual({ from: 'default' });
});

test('DOCKER_HOST precedes the current context, and DOCKER_CONTEXT precedes both', async () => {
  await writeContext('colima', 'unix:///colima.sock');
  await writeContext('lab', 'tcp://lab:2376', true);
  await select('colima');
  const host = { DOCKER_HOST: 'unix:///other.sock' };
  expect(endpointIn(host)).toEqual({ from: 'DOCKER_HOST', host: 'unix:///other.sock' });
  const lab = endpointIn({ ...host, DOCKER_CONTEXT: 'lab' });
  expect(lab).toMatchObject({ from: 'context', name: 'lab', host: 'tcp://lab:2376' });
  expect(endpointIn({ ...host, DOCKER_CONTEXT: 'default' })).toMatchObject({ from: 'DOCKER_HOST' });

  const environment: NodeJS.ProcessEnv = { ...host, DOCKER_CONTEXT: 'lab' };
  useEndpoint(lab, environment);
  expect(environment).toEqual({
    DOCKER_HOST: 'tcp://lab:2376',
    DOCKER_TLS_VERIFY: '1',
    DOCKER_CERT_PATH: expect.stringMatching(/contexts\/tls\/[0-9a-f]{64}\/docker$/),
  });
});

test.each([
  ['does not exist', { DOCKER_CONTEXT: 'gone' }, /^The Docker context gone \(from DOCKER_CONTEXT\) does not/],
  [
    'has an address that the kit cannot use',
    { DOCKER_CONTEXT: 'far' },
    /^The kit cannot use the address ssh:/,
  ],
])('a context that %s is one clear line', async (_, environment, message) => {
  await writeContext('far', 'ssh://me@far');
  const refused = () => endpointIn(environment);
  expect(refused).toThrow(message);
  expect(refused).toThrow(
    expect.objectContaining({ code: 'docker-unavailable', advice: expect.any(String) }),
  );
});

test('a broken configuration is one clear line', async () => {
  await writeFile(join(folder, 'config.json'), '{');
  expect(() => endpointIn({})).toThrow(/config\.json cannot be read: /);
});
