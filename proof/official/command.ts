import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { errorMessage } from '../../base/error-message.ts';
import { packageRoot } from '../../base/package.ts';
import { readConfig } from '../../conformance/plan/config-file.ts';
import { configFile } from '../../conformance/plan/defaults.ts';
import { defaultCache } from './npm-program.ts';

/** A runtime before which the gateway is put: its name, and the words that name it to the gateway. */
export interface Target {
  readonly name: string;
  readonly words: readonly string[];
}

/** What `npm run official` and `npm run inspector` are told. */
export interface OfficialRequest {
  /** Those that were named, else the embedded runtime and all of the configuration. */
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

A target is embedded, image:NAME, command:LINE or socket:PATH. Without one, the embedded reference runtime is checked and
then the images that mcp-runtime-conformance.yaml names, which \`npm run images\` builds.
  --transport KIND  how the gateway reaches the runtime: grpc (default) or http
  --cache FOLDER    where programs from npm are installed (default: node_modules/.cache/mcp-official)
  --verbose         what the program writes, also where everything passes
  --help            this text
`;

/**
 * Reads what follows the command.
 * @param configured the targets to check, besides the embedded runtime, where none is named
 * @returns undefined where help was asked for
 * @throws OfficialUsageError
 */
export function readOfficialRequest(
  words: readonly string[],
  configured: readonly string[],
): OfficialRequest | undefined {
  const { values, positionals } = parsed(words);
  if (values.help === true) return undefined;
  const transport = values.transport === undefined ? [] : ['--transport', values.transport];
  const names = positionals.length > 0 ? positionals : ['embedded', ...configured];
  return {
    targets: names.map((name) => ({ name, words: [...wordsOf(name), ...transport] })),
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
  if (target === 'embedded') return [];
  const [, kind, value] = /^(image|command|socket):(.+)$/s.exec(target) ?? [];
  if (kind !== undefined && value !== undefined) return [`--${kind}`, value];
  throw new OfficialUsageError(
    `${target} is no target: write embedded, image:NAME, command:LINE or socket:PATH`,
  );
}

/** The images of the repository's own configuration. */
async function configuredImages(): Promise<readonly string[]> {
  const { targets } = await readConfig(join(packageRoot(), configFile));
  return [...targets.values()].flatMap(({ target }) =>
    target.kind === 'image' ? [`image:${target.image}`] : [],
  );
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
    const request = readOfficialRequest(process.argv.slice(2), await configuredImages());
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
    process.stderr.write(`error: ${errorMessage(error)}\n`);
    return error instanceof OfficialUsageError ? 2 : 3;
  }
}
