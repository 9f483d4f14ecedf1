import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../base/package.ts';
import { runScript } from './testing/run-action.ts';

interface Job {
  readonly extends?: string;
  readonly script?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

const root = packageRoot();
const pipeline: Readonly<Record<string, Job>> = parse(readFileSync(join(root, 'docs/ci/gitlab.yml'), 'utf8'));
const runtime = `${process.execPath} ${join(root, 'dist/runtime/main.js')}`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gitlab-'));
  await mkdir(join(folder, 'bin'));
  await program('docker', 'exit 0');
  // Runs the kit of this checkout on two cases. The image that the pipeline builds is replaced by the same runtime as a
  // program.
  await program(
    'npx',
    `while [ "$1" != mcp-runtime-conformance ] && [ "$1" != mcp-runtime-conformance@0.1.0 ]; do shift; done
shift
words=()
for word; do
  case $word in
    --image) words+=(--command) ;;
    my-runtime:ci) words+=("${runtime}") ;;
    --pull) skip=1 ;;
    *) if [ -n "\${skip:-}" ]; then skip=; else words+=("$word"); fi ;;
  esac
done
case \${1:-} in report | proto) cases=() ;; *) cases=(--case health/ok --case calls/unknown-path) ;; esac
exec node -- "${join(root, 'dist/cli/main.js')}" "\${words[@]}" "\${cases[@]}"`,
  );
  const targets = ['one', 'two', 'three'].map((name) => `  ${name}:\n    command: ${runtime}\n`).join('');
  await writeFile(join(folder, 'mcp-runtime-conformance.yaml'), `targets:\n${targets}`);
  await writeFile(join(folder, 'known-failures.yaml'), '[]\n');
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function program(name: string, script: string): Promise<void> {
  await writeFile(join(folder, 'bin', name), `#!/bin/bash\n${script}\n`);
  await chmod(join(folder, 'bin', name), 0o755);
}

/** Runs the script of a job like a runner of GitLab. */
async function run(name: string, more: Readonly<Record<string, string>> = {}) {
  const job = pipeline[name];
  const base = pipeline[job?.extends ?? ''];
  const variables = { ...pipeline['.kit']?.variables, ...base?.variables, ...job?.variables, ...more };
  const path = `${join(folder, 'bin')}:${process.env['PATH']}`;
  return runScript((job?.script ?? []).join('\n'), folder, {
    ...variables,
    GITLAB_CI: 'true',
    CI: 'true',
    PATH: path,
  });
}

test('the jobs of the GitLab example check, merge and make badges', { timeout: 120_000 }, async () => {
  expect(await run('runtime')).toMatchObject({
    code: 0,
    output: expect.stringContaining('2 of 2 selected cases passed'),
  });
  expect(await readFile(join(folder, 'conformance.xml'), 'utf8')).toContain('<testsuites ');
  expect(await readFile(join(folder, 'conformance.html'), 'utf8')).toContain('<!doctype html>');

  expect(await run('implementations')).toMatchObject({
    code: 0,
    output: expect.stringContaining('3 of 3 implementations'),
  });
  expect(await run('badges')).toMatchObject({ code: 0 });
  const site = await readdir(join(folder, 'site'), { recursive: true });
  expect(site).toEqual(expect.arrayContaining(['one/badge.svg', 'two/badge.json']));

  await rm(join(folder, 'conformance.json'));
  for (const index of ['1', '2']) {
    const shard = await run('shards', { CI_NODE_INDEX: index, CI_NODE_TOTAL: '2' });
    expect(shard).toMatchObject({ code: 0 });
  }
  expect(await run('merge')).toMatchObject({ code: 0, output: expect.stringContaining('merged 2 reports') });
  expect(JSON.parse(await readFile(join(folder, 'conformance.json'), 'utf8')).implementations).toHaveLength(
    3,
  );
});
