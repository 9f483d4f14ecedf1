import { join } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { $ } from 'zx';
import { packageRoot } from '../../base/package.ts';
import { readSeconds } from '../duration.ts';

/** The command line of `npm run fuzz`. */
export interface FuzzOptions {
  /** Seconds for each fuzzer. */
  readonly duration: number;
  readonly only?: Language;
}

const languages = ['typescript', 'go', 'rust'] as const;
type Language = (typeof languages)[number];

/** Runs the fuzzers of a language, each for some seconds. Rejects if one fails. */
const runs: Readonly<Record<Language, (seconds: number) => Promise<unknown>>> = {
  typescript: (seconds) => {
    const env = { ...process.env, FUZZ_SECONDS: String(seconds) };
    // Only the fuzzers of one file run at the same time, one after the other.
    const words = ['--no-file-parallelism', '--testTimeout', String((seconds + 120) * 1_000)];
    return inFolder('.', env)`npx vitest run fuzz.test.ts ${words}`;
  },
  go: (seconds) => inFolder('runtimes/go')`node fuzz.mjs ${seconds}`,
  rust: (seconds) => inFolder('runtimes/rust')`node fuzz.mjs ${seconds}`,
};

function inFolder(folder: string, env: NodeJS.ProcessEnv = process.env) {
  return $({ cwd: join(packageRoot(), folder), env, stdio: 'inherit' });
}

/**
 * Runs the fuzzers.
 * @returns the exit code: 0 if no fuzzer fails, 1 if one does, 2 for wrong usage
 */
export async function runFuzzers(words: readonly string[]): Promise<number> {
  let options: FuzzOptions;
  try {
    options = readFuzzOptions(words);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  const { duration, only } = options;
  let exitCode = 0;
  for (const language of only === undefined ? languages : [only]) {
    process.stdout.write(`\n== ${language}\n`);
    await runs[language](duration).catch(() => {
      exitCode = 1;
    });
  }
  return exitCode;
}

/** Reads the arguments. @throws CommanderError for wrong usage, and after `--help` */
export function readFuzzOptions(words: readonly string[]): FuzzOptions {
  return new Command('npm run fuzz --')
    .description('Runs all fuzzers. An input that fails is printed; Go also saves it as a test.')
    .exitOverride()
    .helpOption('--help', 'shows this help')
    .option('--duration <time>', 'time for each fuzzer, such as 90s or 10m', readSeconds, 60)
    .option('--only <language>', `only the fuzzers of ${languages.join(', ')}`, readLanguage)
    .allowExcessArguments(false)
    .parse(words, { from: 'user' })
    .opts<FuzzOptions>();
}

function readLanguage(text: string): Language {
  const language = languages.find((each) => each === text);
  if (language === undefined) throw new InvalidArgumentError(`Must be one of ${languages.join(', ')}.`);
  return language;
}
