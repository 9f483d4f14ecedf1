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

describe('lock files', () => {
  test('every npm package has a checksum', () => {
    const without = locked.filter(
      ([, { integrity = '' }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity),
    );
    expect(without.map(([folder]) => folder)).toEqual([]);
    expect(locked.length).toBeGreaterThan(100);
  });

  test('every crate has a checksum', () => {
    const crates = read('runtimes/rust/Cargo.lock').split('[[package]]').slice(1);
    const foreign = crates.filter((crate) => crate.includes('\nsource = '));
    expect(foreign.filter((crate) => !/\nchecksum = "[0-9a-f]{64}"/.test(crate))).toEqual([]);
    expect(foreign.length).toBeGreaterThan(100);
  });

  test('every required Go module has a checksum', () => {
    const sums = read('runtimes/go/go.sum');
    const required = [...read('runtimes/go/go.mod').matchAll(/^\s+(\S+) (v\S+)/gm)];
    const without = required.filter(([, name, version]) => !sums.includes(`${name} ${version} h1:`));
    expect(without.map(([line]) => line)).toEqual([]);
    expect(required.length).toBeGreaterThan(5);
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
