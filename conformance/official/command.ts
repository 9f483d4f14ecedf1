import { parseArgs } from 'node:util';
import { defaultCache } from './npm-program.ts';

/** A runtime before which the gateway is put: its name, and the words that name it to the gateway. */
export interface Target {
  readonly name: string;
  readonly words: readonly string[];
}

/** What `npm run official` and `npm run inspector` are told. */
export interface OfficialRequest {
  /** The embedded reference runtime, always, then those that were named. */
  readonly targets: readonly Target[];
  readonly cache: string;
  readonly verbose: boolean;
}

/** What was asked for cannot be carried out; the message is for people. */
export class OfficialUsageError extends Error {
  override readonly name = 'OfficialUsageError';
  readonly code = 'usage';
}

/** The words that both commands take. */
export const officialUsage = `[TARGET ...] [options]

A target is image:NAME, command:LINE or socket:PATH. The embedded reference runtime is always checked, first.
  --transport KIND  how the gateway reaches the runtime: grpc (default) or http
  --cache FOLDER    where programs from npm are installed (default: node_modules/.cache/mcp-official)
  --verbose         what the program writes, also where everything passes
  --help            this text
`;

/**
 * Reads what follows the command.
 * @returns undefined where help was asked for
 * @throws OfficialUsageError
 */
export function readOfficialRequest(words: readonly string[]): OfficialRequest | undefined {
  const { values, positionals } = parsed(words);
  if (values.help === true) return undefined;
  const transport = values.transport === undefined ? [] : ['--transport', values.transport];
  const named = positionals.map((name) => ({ name, words: [...wordsOf(name), ...transport] }));
  return {
    targets: [{ name: 'embedded', words: transport }, ...named],
    cache: values.cache ?? defaultCache,
    verbose: values.verbose === true,
  };
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        transport: { type: 'string' },
        cache: { type: 'string' },
        verbose: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new OfficialUsageError(
      error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error),
    );
  }
}

function wordsOf(target: string): readonly string[] {
  const [, kind, value] = /^(image|command|socket):(.+)$/s.exec(target) ?? [];
  if (kind !== undefined && value !== undefined) return [`--${kind}`, value];
  throw new OfficialUsageError(`${target} is no target: write image:NAME, command:LINE or socket:PATH`);
}

/** What came of one target. */
export interface TargetOutcome {
  readonly ok: boolean;
  /** One line. */
  readonly summary: string;
  /** What the program wrote. */
  readonly output: string;
}

/**
 * Checks all targets, one after the other, and tells the outcome.
 * @returns the exit code: 0 where everything passed, 1 where something failed, 2 for wrong usage, 3 where a target could
 *   not be checked
 */
export async function checkTargets(
  command: string,
  begin: (request: OfficialRequest) => Promise<(target: Target) => Promise<TargetOutcome>>,
): Promise<number> {
  try {
    const request = readOfficialRequest(process.argv.slice(2));
    if (request === undefined) {
      process.stdout.write(`usage: npm run ${command} -- ${officialUsage}`);
      return 0;
    }
    const check = await begin(request);
    let exitCode = 0;
    for (const target of request.targets) {
      const { ok, summary, output } = await check(target);
      if (!ok || request.verbose) process.stdout.write(output);
      process.stdout.write(`${ok ? 'ok    ' : 'FAILED'}  ${target.name}: ${summary}\n`);
      if (!ok) exitCode = 1;
    }
    return exitCode;
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : error}\n`);
    return error instanceof OfficialUsageError ? 2 : 3;
  }
}
