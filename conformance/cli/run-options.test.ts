import { describe, expect, test } from 'vitest';
import { targetKinds } from '../../runners/kinds.ts';
import { formatNames } from '../formats/index.ts';
import { flagsOfTargets, namingFlags } from '../plan/target.ts';
import { UsageError } from '../plan/usage-error.ts';
import { listed } from '../text/text.ts';
import { CliCommand } from './cli-command.ts';
import { declareRun, type Invocation } from './run-options.ts';

async function parse(line: string): Promise<Invocation> {
  const program = new CliCommand('kit').configureOutput({ writeErr: () => {} });
  let parsed: Invocation | undefined;
  declareRun(program, '1.2.3', async (invocation) => {
    parsed = invocation;
  });
  await program.run(line.split(' ').filter((word) => word !== ''));
  if (parsed === undefined) throw new Error('the command did not run');
  return parsed;
}

async function run(line: string): Promise<Extract<Invocation, { kind: 'run' }>> {
  const invocation = await parse(line);
  if (invocation.kind !== 'run') throw new Error(`expected a run, got ${invocation.kind}`);
  return invocation;
}

async function request(line: string): Promise<Extract<Invocation, { kind: 'run' }>['request']> {
  return (await run(line)).request;
}

/** Returns the flags of the targets that support an option. */
function ownersOf(flag: string): string {
  const owners = [...flagsOfTargets()].find(([{ name }]) => name === flag)?.[1] ?? [];
  return namingFlags(owners);
}

const withArguments = namingFlags(targetKinds.filter(({ takesArguments }) => takesArguments));

describe('parseCommandLine', () => {
  test('checks the embedded runtime by default', async () => {
    expect(await run('')).toEqual({
      kind: 'run',
      request: {
        target: { kind: 'embedded', catalog: 'conformance' },
        keepWire: false,
      },
      output: { verbose: false, quiet: false, open: false, reports: [], colour: undefined },
      loop: { failed: false, watch: false, watchPaths: [] },
    });
  });

  test('parses all options of a run', async () => {
    const line =
      '--level core --era both --capability resume --capability resume --suite a --suite b --case c* --fixtures d ' +
      '--known-failures k --write-known-failures w --fail-on-skip --bail --timeout 1.5 --ready-timeout 2 ' +
      '--concurrency 3 --repeat 4 --failed --watch --watch-path x --watch-path y --verbose --open --report json=j,junit=u --report markdown=m --no-color --socket s';
    expect(await run(line)).toEqual({
      kind: 'run',
      request: {
        target: { kind: 'socket', path: 's' },
        level: 'core',
        era: 'both',
        capabilities: ['resume', 'resume'],
        suites: ['a', 'b'],
        cases: ['c*'],
        fixtures: 'd',
        knownFailures: 'k',
        writeKnownFailures: 'w',
        failOnSkip: true,
        bail: 1,
        caseTimeoutMs: 1_500,
        readyTimeoutMs: 2_000,
        concurrency: 3,
        repeat: 4,
        keepWire: true,
        keepEvidence: true,
      },
      output: {
        verbose: true,
        quiet: false,
        open: true,
        reports: [
          { format: 'json', path: 'j' },
          { format: 'junit', path: 'u' },
          { format: 'markdown', path: 'm' },
        ],
        colour: false,
      },
      loop: { failed: true, watch: true, watchPaths: ['x', 'y'] },
    });
  });

  test('parses all options of an image', async () => {
    const line =
      '--image i:1 --socket-access relay --network n --env A=1 --env B --env-file f --mount x:/y:ro --user 1:2 ' +
      '--pull never --socket-env S --socket-path /a/b --relay-image r --memory 1g --pids-limit 9 --cpus .5 ' +
      '--root-fs writable --cap-add CHOWN --cap-add KILL -- serve --level x -- y';
    expect((await request(line)).target).toEqual({
      kind: 'image',
      image: 'i:1',
      env: ['A=1', 'B'],
      envFiles: ['f'],
      socketVariable: 'S',
      args: ['serve', '--level', 'x', '--', 'y'],
      mounts: ['x:/y:ro'],
      socketAccess: 'relay',
      network: 'n',
      user: '1:2',
      pull: 'never',
      socketPath: '/a/b',
      relayImage: 'r',
      memory: '1g',
      pidsLimit: '9',
      cpus: '.5',
      rootMode: 'writable',
      capAdd: ['CHOWN', 'KILL'],
    });
  });

  test('parses the options of a command', async () => {
    expect(
      (await request('--command ./run --env A=1 --env-inherit MY_* --env-inherit KEY --socket-env S -- -v'))
        .target,
    ).toEqual({
      kind: 'command',
      command: './run',
      env: ['A=1'],
      envFiles: [],
      inherit: ['MY_*', 'KEY'],
      socketVariable: 'S',
      args: ['-v'],
    });
  });

  test('passes on every variable if --env-inherit has no name', async () => {
    for (const line of ['--command ./run --env-inherit', '--command ./run --env-inherit -- -v']) {
      expect((await request(line)).target).toMatchObject({ inherit: ['*'] });
    }
  });

  test('parses the catalog of the embedded runtime', async () => {
    expect((await request('--embedded-catalog empty')).target).toEqual({
      kind: 'embedded',
      catalog: 'empty',
    });
  });

  test('parses --list with a selection', async () => {
    expect(await parse('--list --suite a')).toEqual({
      kind: 'list',
      selection: { suites: ['a'] },
    });
  });

  test('parses --explain', async () => {
    expect(await parse('--explain RPC-1 --fixtures d')).toEqual({
      kind: 'explain',
      subject: 'RPC-1',
      fixtures: 'd',
    });
  });

  test.each([
    ['--image i --env-inherit', '--env-inherit requires --command'],
    [
      '--command c --env-inherit A=1',
      '--env-inherit A=1: the value must be the name of a variable, or the start of names followed by *',
    ],
    ['--sute a', 'unknown option --sute; did you mean --suite?'],
    ['--sute=a', 'unknown option --sute; did you mean --suite?'],
    ['--zzzzzzzzzzz', 'unknown option --zzzzzzzzzzz; --help lists all options'],
    ['-q', 'unknown option -q; --help lists all options'],
    ['run', 'unexpected argument run: options begin with --, arguments of the target come after --'],
    ['--case', '--case needs a value'],
    ['--case --bail', '--case needs a value, but --bail follows'],
    ['--case=', '--case needs a value'],
    ['--level cor', '--level must be core or strict, not cor; did you mean core?'],
    ['--embedded-catalog all', '--embedded-catalog must be conformance or empty, not all'],
    ['--timeout soon', '--timeout must be a positive number of seconds, at most 86400, not soon'],
    ['--timeout 0', '--timeout must be a positive number of seconds, at most 86400, not 0'],
    ['--ready-timeout 1e9', '--ready-timeout must be a positive number of seconds, at most 86400, not 1e9'],
    ['--concurrency 0', '--concurrency must be a whole number from 1 to 256, not 0'],
    ['--concurrency 2.5', '--concurrency must be a whole number from 1 to 256, not 2.5'],
    ['--image a --command b', '--image and --command exclude each other; name one target'],
    [
      '--socket a --embedded-catalog empty',
      '--socket and --embedded-catalog exclude each other; name one target',
    ],
    ['--level core --level strict', '--level is given twice'],
    ['--socket a --socket b', '--socket is given twice'],
    ['--socket-access bind', `--socket-access requires ${ownersOf('socket-access')}`],
    [
      '--image i --transport relay',
      '--transport relay: write --socket-access relay; --transport chooses grpc, http or both',
    ],
    ['--transport htp', '--transport must be grpc, http or both, not htp; did you mean http?'],
    ['--network n --command c', `--network requires ${ownersOf('network')}`],
    ['--mount a:b --socket s', `--mount requires ${ownersOf('mount')}`],
    [
      '--image i --socket-access bnd',
      '--socket-access must be auto, bind or relay, not bnd; did you mean bind?',
    ],
    ['--env A=1', `--env requires ${ownersOf('env')}`],
    ['--socket-env A --socket s', `--socket-env requires ${ownersOf('socket-env')}`],
    ['--image i --socket-env A=1', '--socket-env A=1: the value must be the name of a variable'],
    ['--socket s -- x', `arguments after -- are for the target; name one with ${withArguments}`],
    ['--report jsn=x', '--report jsn=x: use KIND=FILE; unknown kind "jsn", did you mean json?'],
    ['--report x', `--report x: use KIND=FILE; unknown kind "x", expected ${listed(formatNames)}`],
    ['--report json', '--report json: file name missing; use json=FILE'],
    ['--report json=a --report junit=./a', '--report: two reports have the path ./a'],
    ['--list --explain RPC-1', '--list and --explain exclude each other'],
  ])('rejects %s', async (line, message) => {
    await expect(parse(line)).rejects.toThrow(new UsageError(message));
  });
});
