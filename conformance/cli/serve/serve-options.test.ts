import { describe, expect, test } from 'vitest';
import { UsageError } from '../../plan/usage-error.ts';
import { CliCommand } from '../cli-command.ts';
import { declareServe, type ServeRequest } from './serve-options.ts';

async function request(...words: string[]): Promise<ServeRequest> {
  const program = new CliCommand('kit');
  let parsed: ServeRequest | undefined;
  declareServe(program, async (found) => {
    parsed = found;
  });
  await program.run(words);
  if (parsed === undefined) throw new Error('the command did not run');
  return parsed;
}

describe('the options of serve', () => {
  test('need only the command of the MCP server', async () => {
    expect(await request('--stdio', 'npx -y "my server"')).toEqual({
      command: ['npx', '-y', 'my server'],
      maxSessions: 100,
    });
  });

  test('can all be combined', async () => {
    const line =
      '--stdio s --cwd c --socket g --http-socket h --anonymous refuse --log-level warn --max-sessions 3 --max-sessions-per-caller 2 ' +
      '--idle-timeout 1.5 --start-timeout 2 --grace 0.5 --max-message 10 -- --flag value';
    expect(await request(...line.split(' '))).toEqual({
      command: ['s', '--flag', 'value'],
      cwd: 'c',
      socketPath: 'g',
      httpSocketPath: 'h',
      anonymous: 'refuse',
      logLevel: 'warn',
      maxSessions: 3,
      maxSessionsPerCaller: 2,
      sessionIdleMs: 1500,
      startMs: 2000,
      graceMs: 500,
      maxMessageBytes: 10,
    });
  });

  test.each([
    [[], /serve needs --stdio "COMMAND"/],
    [['--stdio', 'a | b'], /--stdio: The command has \| at character 3 .* --stdio "sh -c/],
    [['--stdio', 'a "b'], /--stdio: The quote " at character 3/],
    [['--stdio', 'a', '--max-sessions', '0'], /--max-sessions must be a whole number/],
    [['--stdio', 'a', '--anonymous', 'allow'], /--anonymous must be isolate or refuse/],
  ])('are refused with one line if they are wrong: %j', async (words, message) => {
    const refused = request(...words);
    await expect(refused).rejects.toBeInstanceOf(UsageError);
    await expect(refused).rejects.toThrow(message);
  });
});
