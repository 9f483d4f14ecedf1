import { describe, expect, test } from 'vitest';
import { UsageError } from '../plan/usage-error.ts';
import { type Invocation, parseCommandLine, type RunRequest } from './options.ts';

function parse(line: string): Invocation {
  return parseCommandLine(
    line.split(' ').filter((word) => word !== ''),
    '1.2.3',
  );
}

function request(line: string): RunRequest {
  const invocation = parse(line);
  if (invocation.kind !== 'run') throw new Error(`not a run but ${invocation.kind}`);
  return invocation.request;
}

describe('parseCommandLine', () => {
  test('without anything checks the embedded runtime at strict', () => {
    expect(request('')).toEqual({
      target: { kind: 'embedded', catalog: 'conformance' },
      selection: { level: 'strict', capabilities: [], suites: [], cases: [] },
      failOnSkip: false,
      bail: false,
      readyTimeoutMs: 30_000,
      concurrency: 16,
      verbose: false,
      reports: [],
    });
  });

  test('reads everything about a run', () => {
    const line =
      '--level core --capability resume --capability resume --suite a --suite b --case c* --fixtures d ' +
      '--known-failures k --write-known-failures w --fail-on-skip --bail --timeout 1.5 --ready-timeout 2 ' +
      '--concurrency 3 --verbose --report json=j,junit=u --report markdown=m --no-color --socket s';
    expect(request(line)).toEqual({
      target: { kind: 'socket', path: 's' },
      selection: {
        level: 'core',
        capabilities: ['resume'],
        suites: ['a', 'b'],
        cases: ['c*'],
        fixtures: 'd',
      },
      knownFailures: 'k',
      writeKnownFailures: 'w',
      failOnSkip: true,
      bail: true,
      caseTimeoutMs: 1_500,
      readyTimeoutMs: 2_000,
      concurrency: 3,
      verbose: true,
      reports: [
        { kind: 'json', path: 'j' },
        { kind: 'junit', path: 'u' },
        { kind: 'markdown', path: 'm' },
      ],
      colour: false,
    });
  });

  test('reads everything about an image', () => {
    const line =
      '--image i:1 --transport relay --network n --env A=1 --env B --env-file f --mount x:/y:ro --user 1:2 ' +
      '--pull never --socket-env S --socket-path /a/b --relay-image r -- serve --level x -- y';
    expect(request(line).target).toEqual({
      kind: 'image',
      image: 'i:1',
      env: ['A=1', 'B'],
      envFiles: ['f'],
      socketVariable: 'S',
      args: ['serve', '--level', 'x', '--', 'y'],
      mounts: ['x:/y:ro'],
      transport: 'relay',
      network: 'n',
      user: '1:2',
      pull: 'never',
      socketPath: '/a/b',
      relayImage: 'r',
    });
  });

  test('reads a command with its context', () => {
    expect(request('--command ./run --env A=1 --socket-env S -- -v').target).toEqual({
      kind: 'command',
      command: './run',
      env: ['A=1'],
      envFiles: [],
      socketVariable: 'S',
      args: ['-v'],
    });
  });

  test('reads the catalog of the embedded runtime', () => {
    expect(request('--embedded-catalog empty').target).toEqual({ kind: 'embedded', catalog: 'empty' });
  });

  test('lists what is selected', () => {
    expect(parse('--list --suite a')).toEqual({
      kind: 'list',
      selection: { level: 'strict', capabilities: [], suites: ['a'], cases: [] },
    });
  });

  test('explains', () => {
    expect(parse('--explain RPC-1 --fixtures d')).toEqual({
      kind: 'explain',
      subject: 'RPC-1',
      fixtures: 'd',
    });
  });

  test('answers --version and --help with text', () => {
    expect(parse('--version')).toEqual({ kind: 'text', text: '1.2.3\n' });
    const help = parse('--help');
    expect(help.kind === 'text' && help.text).toMatch(/--image <image>[\s\S]+Exit code: 0 conformant/);
  });

  test.each([
    ['--sute a', 'unknown option --sute; did you mean --suite?'],
    ['--sute=a', 'unknown option --sute; did you mean --suite?'],
    ['--zzzzzzzzzzz', 'unknown option --zzzzzzzzzzz; --help lists all options'],
    ['-q', 'unknown option -q; --help lists all options'],
    ['run', 'unexpected argument run: options begin with --, arguments of the target follow --'],
    ['--case', '--case needs a value'],
    ['--case --bail', '--case needs a value, but --bail follows'],
    ['--case=', '--case needs a value'],
    ['--level cor', '--level has to be core or strict, not cor; did you mean core?'],
    ['--embedded-catalog all', '--embedded-catalog has to be conformance or empty, not all'],
    ['--timeout soon', '--timeout has to be a number of seconds above 0, at most 86400, not soon'],
    ['--timeout 0', '--timeout has to be a number of seconds above 0, at most 86400, not 0'],
    ['--ready-timeout 1e9', '--ready-timeout has to be a number of seconds above 0, at most 86400, not 1e9'],
    ['--concurrency 0', '--concurrency has to be a whole number from 1 to 256, not 0'],
    ['--concurrency 2.5', '--concurrency has to be a whole number from 1 to 256, not 2.5'],
    ['--image a --command b', '--image and --command exclude each other: there is one target'],
    [
      '--socket a --embedded-catalog empty',
      '--socket and --embedded-catalog exclude each other: there is one target',
    ],
    ['--transport bind', '--transport goes with --image, which is not given'],
    ['--network n --command c', '--network goes with --image, which is not given'],
    ['--mount a:b --socket s', '--mount goes with --image, which is not given'],
    ['--image i --transport bnd', '--transport has to be auto, bind or relay, not bnd; did you mean bind?'],
    ['--env A=1', '--env goes with --image or --command, which is not given'],
    ['--socket-env A --socket s', '--socket-env goes with --image or --command, which is not given'],
    ['--image i --socket-env A=1', '--socket-env A=1: that is no name of a variable'],
    ['--socket s -- x', 'arguments after -- are those of the target: name one with --image or --command'],
    ['--report jsn=x', '--report jsn=x: write KIND=FILE; "jsn" is no kind of report, did you mean json?'],
    [
      '--report x',
      '--report x: write KIND=FILE; "x" is no kind of report, it has to be json, junit or markdown',
    ],
    ['--report json', '--report json: it names no file; write json=FILE'],
    ['--report json=a --report junit=./a', '--report: two reports would go to ./a'],
    ['--list --explain RPC-1', '--list and --explain exclude each other'],
  ])('refuses %s', (line, message) => {
    expect(() => parse(line)).toThrow(new UsageError(message));
  });
});
