import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { errorMessage } from '../base/error-message.ts';
import { UnwritableFileError } from '../base/write-file.ts';
import { Interruption } from '../conformance/cli/interruption.ts';
import { FixtureError } from '../conformance/load/yaml-file.ts';
import { UsageError } from '../conformance/plan/usage-error.ts';
import { bench } from './bench/bench.ts';
import { steady } from './bench/steady.ts';
import { type FaultKind, faultKinds } from './harness/kinds.ts';
import { type FaultRequest, proveFaults } from './harness/prove-faults.ts';
import { proveHostile } from './hostile/prove-hostile.ts';
import { proveInspector } from './official/inspector.ts';
import { proveOfficial } from './official/official.ts';
import type { OfficialRequest } from './official/targets.ts';
import { RecordError } from './record/goldens.ts';
import { record } from './record/record.ts';

type Options = Omit<FaultRequest, 'names'> & Omit<OfficialRequest, 'targets'> & { readonly runs?: number };

/** One thing to prove or to measure. */
interface Proof {
  readonly about: string;
  /** Adds arguments and options. */
  readonly accept?: (command: Command) => Command;
  /** Resolves to the exit code. */
  readonly run: (names: readonly string[], options: Options) => Promise<number>;
}

/** Proofs that answer yes or no: `all` runs them. */
const proofs: Readonly<Record<string, Proof>> = {
  runtime: faultProof('runtime'),
  gateway: faultProof('gateway'),
  variations: faultProof('variations'),
  go: faultProof('go'),
  hostile: {
    about: 'the kit against servers that try to break it',
    accept: (command) => command.argument('[names...]', 'names or globs of targets'),
    run: proveHostile,
  },
  official: {
    about: 'the official MCP conformance suite through our gateway',
    accept: acceptTargets,
    run: (targets, options) => proveOfficial({ ...options, targets }),
  },
  inspector: {
    about: 'the MCP Inspector through our gateway',
    accept: acceptTargets,
    run: (targets, options) => proveInspector({ ...options, targets }),
  },
};

const others: Readonly<Record<string, Proof>> = {
  all: { about: `${Object.keys(proofs).join(', ')}, one after the other`, run: proveAll },
  steady: {
    about: 'repeated runs of the suite; a run that is not green is a flake',
    accept: (command) => command.option('--runs <number>', 'how many', wholeNumber, 50),
    run: (_, { runs = 50 }) => steady(runs),
  },
  bench: { about: 'the speed of the suite, and how its time grows', run: bench },
  record: { about: 'rewrites goldens from the reference runtime, for you to review', run: record },
};

/**
 * `npm run prove`: proves the kit itself.
 * @returns the exit code: 0 where everything holds, 1 where something does not, 2 for wrong usage, 3 where the proof could
 *   not be carried out, above 128 after a signal
 */
export async function prove(words: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = makeProveProgram(async (proof) => {
    exitCode = await proof();
  });
  try {
    await program.parseAsync(words.length === 0 ? ['all'] : words, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const hint = error instanceof CommanderError ? '; --help shows the usage' : '';
    const message = errorMessage(error)
      .replace(/\s+/g, ' ')
      .replace(/^error: |\.? ?$/g, '');
    process.stderr.write(`error: ${message}${hint}\n`);
    const usage = [CommanderError, UsageError, UnwritableFileError, FixtureError, RecordError];
    return usage.some((known) => error instanceof known) ? 2 : 3;
  }
}

/**
 * The command line of `npm run prove`.
 * @param carryOut gets the proof that the words name
 */
export function makeProveProgram(carryOut: (proof: () => Promise<number>) => Promise<void>): Command {
  const program = new Command('npm run prove --')
    .description('Proves the kit itself. Without a word: all.')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .helpOption('--help', 'this text')
    .helpCommand(false);
  for (const [name, { about, accept, run }] of Object.entries({ ...proofs, ...others })) {
    const command = program.command(name).description(about).allowExcessArguments(false);
    accept?.(command);
    command.action(() => carryOut(() => run(command.args, command.opts())));
  }
  return program;
}

async function proveAll(): Promise<number> {
  const lines: string[] = [];
  let worst = 0;
  for (const name of Object.keys(proofs)) {
    process.stdout.write(`\n== ${name}\n`);
    const code = await prove([name]);
    // A signal ended it.
    if (code > 128) return code;
    worst = Math.max(worst, code);
    lines.push(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name}\n`);
  }
  process.stdout.write(`\n${lines.join('')}`);
  return worst;
}

function faultProof(kind: FaultKind): Proof {
  return {
    about: faultKinds[kind].about,
    accept(command) {
      command
        .argument('[names...]', 'names or globs of faults')
        .option('--clause <clause>', 'only the faults of a clause or a glob of clauses; several', collect)
        .option('--list', 'names the faults and tries none')
        .option('--together <number>', 'number of faults tried in parallel', wholeNumber)
        .option('--json <file>', 'writes the report as JSON, with every case that failed')
        .option('--markdown <file>', 'writes the report as Markdown');
      // A false alarm may come from any case: variations always meet the whole suite.
      return kind === 'variations'
        ? command
        : command.option('--whole-suite', 'against all cases; by default against those of the clause alone');
    },
    // The first Ctrl-C gives the trials up and reports what was found until then; the second ends the process at once.
    async run(names, options) {
      using interruption = new Interruption(process, (code) => process.exit(code));
      const exitCode = await proveFaults(kind, { ...options, names }, interruption.signal);
      return interruption.exitCode ?? exitCode;
    },
  };
}

function acceptTargets(command: Command): Command {
  return command
    .argument(
      '[targets...]',
      'embedded (default, with the configured images), image:NAME, command:LINE, socket:PATH',
    )
    .option('--transport <kind>', 'how the gateway reaches the runtime: grpc (default) or http')
    .option('--cache <folder>', 'where programs from npm are installed')
    .option('--verbose', 'shows what the program writes, also where everything passes');
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

function wholeNumber(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new InvalidArgumentError('Must be a whole number above 0.');
  return Number(value);
}
