import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { publicRelayImage } from '../../runners/image/relay.ts';

const root = packageRoot();
const { isAllowed, licenceOf } = await import(join(root, 'notices.mjs'));

interface LockedPackage {
  readonly integrity?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

const read = (path: string) => readFileSync(join(root, path), 'utf8');

const locked: readonly [folder: string, LockedPackage][] = Object.entries<LockedPackage>(
  JSON.parse(read('package-lock.json')).packages,
).filter(([folder]) => folder !== '');

function foreignCrates(folder: string): readonly string[] {
  const crates = read(`${folder}/Cargo.lock`).split('[[package]]').slice(1);
  return crates.filter((crate) => crate.includes('\nsource = '));
}

function nameAndVersion(crate: string): string {
  return crate.trim().split('\n').slice(0, 2).join('\n');
}

function requiredModules(folder: string): readonly (readonly [name: string, version: string])[] {
  const lines = [...read(`${folder}/go.mod`).matchAll(/^\s+(\S+) (v\S+)/gm)];
  // The module of the runtime itself is replaced by its folder.
  return lines.map(([, name = '', version = '']) => [name, version] as const).filter(isForeign);
}

function isForeign([name]: readonly [string, string]): boolean {
  return !name.startsWith('github.com/contextforge/');
}

describe('lock files', () => {
  test('every npm package has a checksum', () => {
    const without = locked.filter(
      ([, { integrity = '' }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity),
    );
    expect(without.map(([folder]) => folder)).toEqual([]);
    expect(locked.length).toBeGreaterThan(100);
  });

  test.each(['runtimes/rust', 'proof/fast-paths/rust-echo'])('every crate of %s has a checksum', (folder) => {
    const foreign = foreignCrates(folder);
    expect(foreign.filter((crate) => !/\nchecksum = "[0-9a-f]{64}"/.test(crate))).toEqual([]);
    expect(foreign.length).toBeGreaterThan(100);
  });

  test.each(['runtimes/go', 'proof/fast-paths/go-echo'])(
    'every required Go module of %s has a checksum',
    (folder) => {
      const sums = read(`${folder}/go.sum`);
      const required = requiredModules(folder);
      const without = required.filter(([name, version]) => !sums.includes(`${name} ${version} h1:`));
      expect(without).toEqual([]);
      expect(required.length).toBeGreaterThan(5);
    },
  );

  test('the runtimes and the servers that they are compared with use the same versions', () => {
    const ofRuntime = new Map(requiredModules('runtimes/go'));
    const modules = requiredModules('proof/fast-paths/go-echo').filter(([name]) => ofRuntime.has(name));
    expect(modules.filter(([name, version]) => ofRuntime.get(name) !== version)).toEqual([]);
    expect(modules.length).toBeGreaterThan(5);
    const crates = new Set(foreignCrates('runtimes/rust').map(nameAndVersion));
    const others = foreignCrates('proof/fast-paths/rust-echo').map(nameAndVersion);
    expect(others.filter((crate) => !crates.has(crate))).toEqual([
      expect.stringMatching(/^name = "tonic-prost"\n/),
    ]);
  });
});

describe('licences', () => {
  test('every npm package of the production tree has an allowed licence', () => {
    const production = locked.filter(([, { dev, devOptional }]) => dev !== true && devOptional !== true);
    const refused = production
      .map(([folder, { license }]) => ({ folder, licence: license ?? licenceInManifest(folder) }))
      .filter(({ licence }) => !isAllowed(licence));
    expect(refused).toEqual([]);
    expect(production.length).toBeGreaterThan(50);
  });

  test.each(['GPL-3.0-only', 'MIT AND SSPL-1.0', 'UNLICENSED', undefined])('%s is not allowed', (licence) => {
    expect(isAllowed(licence)).toBe(false);
  });
});

/** Returns the licence in the manifest of an installed package. Old packages do not have it in the lock file. */
function licenceInManifest(folder: string): unknown {
  const file = join(root, folder, 'package.json');
  return existsSync(file) ? licenceOf(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

describe('names with content', () => {
  const dockerfiles = readdirSync(join(root, 'docker')).filter((name) => name.endsWith('.Dockerfile'));

  test.each(dockerfiles)('%s names its base images by digest', (name) => {
    const lines = read(`docker/${name}`).split('\n');
    const defaults = lines.filter((line) => /^ARG \w+_IMAGE=/.test(line));
    expect(defaults).toHaveLength(1);
    for (const line of defaults) expect(line).toMatch(/@sha256:[0-9a-f]{64}$/);
    const bases = lines.filter((line) => line.startsWith('FROM '));
    expect(bases.filter((line) => !/^FROM (\$\{\w+_IMAGE\}|scratch)( AS \w+)?$/.test(line))).toEqual([]);
  });

  test('the relay uses the base image of the reference runtime', () => {
    const [, digest = ''] =
      /(@sha256:[0-9a-f]{64})$/m.exec(read('docker/reference-runtime.Dockerfile')) ?? [];
    expect(publicRelayImage).toBe(`node${digest}`);
  });

  test.each([
    'action.yml',
    'docs/ci/github.yml',
    'examples/github-workflow/conformance.yml',
    ...readdirSync(join(root, '.github/workflows')).map((name) => `.github/workflows/${name}`),
  ])('%s names foreign actions by commit', (path) => {
    const uses = [...read(path).matchAll(/uses: (\S+)/g)].map(([, action = '']) => action);
    const foreign = uses.filter((action) => !action.startsWith('contextforge/') && !action.startsWith('./'));
    expect(foreign.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([]);
    expect(uses.length).toBeGreaterThan(0);
  });
});
