import { describe, expect, test, vi } from 'vitest';
import { prove } from './prove.ts';

async function run(...words: readonly string[]) {
  const [stdout, stderr] = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockReturnValue(true),
  );
  try {
    const exitCode = await prove(words);
    const written = (spy: typeof stdout) => spy?.mock.calls.map(([text]) => String(text)).join('') ?? '';
    return { exitCode, output: written(stdout), warnings: written(stderr).trimEnd() };
  } finally {
    vi.restoreAllMocks();
  }
}

describe('npm run prove', () => {
  test('lists all proofs', async () => {
    const { exitCode, output, warnings } = await run('--help');
    expect([exitCode, warnings]).toEqual([0, '']);
    const names =
      'all runtime gateway variations go tenants chaos hostile browser workflows official inspector clients sdks steady suite-time bench-accuracy fast-paths record';
    for (const name of names.split(' ')) expect(output).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  test.each(['runtime', 'gateway', 'go'])(
    'runs only the cases of the clause of a fault by default (%s)',
    async (kind) => {
      const { exitCode, output } = await run(kind, '--help');
      expect(exitCode).toBe(0);
      expect(output).toContain('--whole-suite');
    },
  );

  test.each([
    ['an unknown proof', ['nope'], "unknown command 'nope'"],
    ['a misspelt proof', ['runtme'], 'Did you mean runtime?'],
    ['an unknown option', ['runtime', '--nope'], "unknown option '--nope'"],
    ['an invalid number', ['gateway', '--together', '0'], 'whole number'],
    ['a file that cannot be written', ['gateway', '--report', 'json=/no/such/folder/file'], 'cannot write'],
    ['a report of another kind', ['gateway', '--report', 'junit=x'], 'json or html'],
    ['an unknown fault', ['gateway', 'cookie-pass'], 'did you mean cookies-pass?'],
    ['an unknown clause', ['gateway', '--clause', 'XX-1'], 'no fault matches XX-1'],
    ['a fault of another clause', ['gateway', 'cookies-pass', '--clause', 'GW-1'], 'both'],
    ['an unknown hostile target', ['hostile', 'nope'], 'no hostile target matches nope'],
    ['an unknown target', ['official', 'docker:x'], 'docker:x is not a target'],
    ['an unknown option of a client', ['official', '--nope'], "unknown option '--nope'"],
    ['an unknown attack', ['tenants', '--attack', 'nope'], 'there is no attack nope'],
    ['an unknown runtime', ['chaos', '--runtime', 'java'], 'there is no such runtime'],
    [
      'more runtimes than gateways',
      ['chaos', '--runtime', 'go', '--runtime', 'go', '--runtime', 'rust'],
      'at most 2 times',
    ],
    ['an invalid time', ['chaos', '--duration', '10'], 'such as 10m'],
    ['a report of chaos of another kind', ['chaos', '--report', 'html=x'], 'the only format is json'],
    ['an option without its value', ['inspector', '--cache'], 'argument missing'],
    ['an unknown fast path', ['fast-paths', 'nope'], 'there is no fast path nope'],
    ['arguments of all', ['all', 'x'], 'too many arguments'],
  ])('rejects %s with one line and exit code 2', async (_, words, message) => {
    const { exitCode, output, warnings } = await run(...words);
    expect([exitCode, output]).toEqual([2, '']);
    expect(warnings).toContain(message);
    expect(warnings).not.toContain('\n');
  });
});
