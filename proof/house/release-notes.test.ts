import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot, packageVersion } from '../../base/package.ts';

const root = packageRoot();
const script = join(root, '.ci/release-notes.mjs');
const { releaseNotes } = await import(script);

const changelog = `# Changelog

## [Unreleased]

## [1.2.3] - 2026-12-01

### Added

- One thing.

## [1.2.2] - 2026-11-30

- Another.
`;

test('prints the section of the version', () => {
  expect(releaseNotes('v1.2.3', '1.2.3', changelog)).toBe('### Added\n\n- One thing.');
});

test.each<[string, string, string]>([
  ['v1.2.3', '1.2.4', 'the tag is v1.2.3, but package.json has version 1.2.4: tag v1.2.4'],
  ['v1.2.4', '1.2.4', 'CHANGELOG.md has no text under "## [1.2.4] - DATE"; move it there from Unreleased'],
])('rejects tag %s for version %s', (tag, version, message) => {
  expect(() => releaseNotes(tag, version, changelog)).toThrow(message);
});

test('ends with exit code 1 if the tag names another version', () => {
  const { status, stderr } = spawnSync(process.execPath, [script, 'v0.0.0'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: `the tag is v0.0.0, but package.json has version ${packageVersion()}: tag v${packageVersion()}\n`,
  });
});

test('the changelog has a section for unreleased changes', () => {
  expect(readFileSync(join(root, 'CHANGELOG.md'), 'utf8')).toContain('\n## [Unreleased]\n');
});

test.each<[string, RegExp]>([
  ['package-lock.json', /"name": "mcp-runtime-conformance",\s+"version": "(.+)"/g],
  ['runtimes/rust/Cargo.toml', /^name = "mcp-runtime"\nversion = "(.+)"/gm],
  ['runtimes/rust/Cargo.lock', /^name = "mcp-runtime"\nversion = "(.+)"/gm],
  ['runtimes/rust/catalog/Cargo.toml', /^name = "mcp-conformance-catalog"\nversion = "(.+)"/gm],
  ['runtimes/rust/Cargo.lock', /^name = "mcp-conformance-catalog"\nversion = "(.+)"/gm],
  ['runtimes/python-catalog/pyproject.toml', /^name = "mcp-conformance-catalog"\nversion = "(.+)"/gm],
  ['runtimes/go/cmd/mcp-runtime/main.go', /^var version = "(.+)"/gm],
  ['docker/go-runtime.Dockerfile', /^ARG VERSION=(.+)/gm],
])('%s has the version of package.json', (file, pattern) => {
  const versions = [...readFileSync(join(root, file), 'utf8').matchAll(pattern)].map(
    ([, version]) => version,
  );
  expect(new Set(versions)).toEqual(new Set([packageVersion()]));
});
