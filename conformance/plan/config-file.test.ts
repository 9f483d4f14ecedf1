import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { targetKinds } from '../../runners/kinds.ts';
import { ConfigError, parseConfig, readConfig } from './config-file.ts';

function parse(text: string): ReturnType<typeof parseConfig> {
  return parseConfig('/etc/kit/mine.yaml', new TextEncoder().encode(text));
}

function problems(text: string): readonly string[] {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

test('keeps the order of targets and resolves paths relative to the configuration', () => {
  const config = parse(`
level: core
era: modern
capabilities: [resume]
fail-on-skip: true
fixtures: ../cases
timeout: 2.5
ready-timeout: 40
concurrency: 4
together: 2
targets:
  ts:
    image: acme/runtime:1.4
    args: [--port, "1"]
    user: 1000:1000
    socket-access: relay
    pull: never
    mount: [./data:/data:ro, volume:/v]
    env: { LEVEL: 1.0, ON: yes, TOKEN: null, TEXT: a=b }
    env-file: [ts.env]
    socket-env: SOCK
    socket-path: /run/x.sock
    relay-image: node:22
    network: n
    memory: 512m
    pids-limit: 64
    cpus: 1.5
    root-fs: writable
    cap-add: [CHOWN]
    capabilities: [stream-head]
    known-failures: known/ts.yaml
  go: { command: ./go-runtime --flag, env-inherit: true }
  rust: { socket: run/rust.sock }
  kit: { embedded: empty }
`);
  const { targets, ...settings } = config;
  expect(settings).toEqual({
    level: 'core',
    era: 'modern',
    capabilities: ['resume'],
    failOnSkip: true,
    fixtures: '/etc/cases',
    caseTimeoutMs: 2_500,
    readyTimeoutMs: 40_000,
    concurrency: 4,
    together: 2,
  });
  const started = { args: [], env: [], envFiles: [] };
  expect([...targets.values()]).toEqual([
    {
      name: 'ts',
      target: {
        kind: 'image',
        image: 'acme/runtime:1.4',
        args: ['--port', '1'],
        user: '1000:1000',
        socketAccess: 'relay',
        pull: 'never',
        mounts: ['/etc/kit/data:/data:ro', 'volume:/v'],
        env: ['LEVEL=1.0', 'ON=yes', 'TOKEN', 'TEXT=a=b'],
        envFiles: ['/etc/kit/ts.env'],
        socketVariable: 'SOCK',
        socketPath: '/run/x.sock',
        relayImage: 'node:22',
        network: 'n',
        memory: '512m',
        pidsLimit: '64',
        cpus: '1.5',
        rootMode: 'writable',
        capAdd: ['CHOWN'],
      },
      capabilities: ['stream-head'],
      knownFailures: '/etc/kit/known/ts.yaml',
    },
    { name: 'go', target: { kind: 'command', command: './go-runtime --flag', inherit: ['*'], ...started } },
    { name: 'rust', target: { kind: 'socket', path: '/etc/kit/run/rust.sock' } },
    { name: 'kit', target: { kind: 'embedded', catalog: 'empty' } },
  ]);
});

describe('a configuration with mistakes', () => {
  test.each<[string, string]>([
    ['', 'mine.yaml:1:1 the file must be a mapping with "targets"'],
    ['targets: {}', 'mine.yaml:1:10 at least one key is required in "targets"'],
    [
      'levle: core\ntargets: {a: {embedded: empty}}',
      'mine.yaml:1:1 unknown key "levle" in the file; did you mean "level"?',
    ],
    ['targets:\n  a:\n    imgae: x', 'mine.yaml:3:5 unknown key "imgae" in target a; did you mean "image"?'],
    [
      'targets:\n  a: {args: [x]}',
      `mine.yaml:2:6 target a has no kind; give it one of ${targetKinds.map(({ name }) => name).join(', ')}`,
    ],
    [
      'targets:\n  a: {image: x, socket: y}',
      'mine.yaml:2:17 "socket" cannot be combined with "image" in target a',
    ],
    [
      'targets:\n  a:\n    command: x\n    user: "1:1"',
      'mine.yaml:4:5 "user" cannot be combined with "command" in target a',
    ],
    [
      'targets:\n  a b: {embedded: empty}',
      'mine.yaml:2:3 key "a b" in "targets" must be a name of letters, digits, ".", "_" and "-"',
    ],
    [
      'targets:\n  a: {image: x, env: {1A: b}}',
      'mine.yaml:2:23 key "1A" in "env" of target a must be the name of a variable',
    ],
    [
      'targets:\n  a: {image: x, pull: nevr}',
      'mine.yaml:2:23 "pull" in target a must be one of never, missing, always, found "nevr"; did you mean "never"?',
    ],
    [
      'timeout: 0\ntargets: {a: {embedded: empty}}',
      'mine.yaml:1:10 "timeout" in the file must be a positive number of seconds, at most 86400, found 0',
    ],
    [
      'targets:\n  a: {embedded: empty}\n  a: {embedded: empty}',
      'mine.yaml:3:3 this key appears twice in the mapping',
    ],
    ['targets: [', 'mine.yaml:1:11 invalid YAML: '],
  ])('is rejected with position and hint: %j', (text, message) => {
    expect(problems(text)).toEqual([expect.stringContaining(`/etc/kit/${message}`)]);
  });

  test('is rejected with all mistakes, in the order of the file', () => {
    expect(
      problems('level: x\ntargets:\n  a: {image: 1}\n  b: {sokcet: y}').map((line) => line.split(' ')[0]),
    ).toEqual(['/etc/kit/mine.yaml:1:8', '/etc/kit/mine.yaml:3:14', '/etc/kit/mine.yaml:4:7']);
  });

  test('is rejected if the file is missing', async () => {
    await expect(readConfig('/no/such.yaml')).rejects.toThrow('/no/such.yaml:1:1 there is no such file');
  });
});

test('the published schema is valid on its own', () => {
  const path = join(packageRoot(), 'conformance/schemas/config.v1.schema.json');
  const validate = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false }).compile(
    JSON.parse(readFileSync(path, 'utf8')),
  );
  expect(validate({ targets: { a: { image: 'x' } } })).toBe(true);
  expect(validate({ targets: { a: { image: 'x', command: 'y' } } })).toBe(false);
  expect(validate({ targets: { a: {} } })).toBe(false);
});
