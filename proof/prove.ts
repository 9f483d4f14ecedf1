import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { errorMessage } from '../base/error-message.ts';
import { UnwritableFileError } from '../base/write-file.ts';
import { Interruption } from '../conformance/cli/interruption.ts';
import { FixtureError } from '../conformance/load/problem.ts';
import { UsageError } from '../conformance/plan/usage-error.ts';
import { type FaultKind, faultKinds } from './harness/kinds.ts';
import { type FaultRequest, proveFaults } from './harness/prove-faults.ts';
import { proveHostile } from './hostile/prove-hostile.ts';
import { defaultCache } from './official/npm-program.ts';
import type { OfficialRequest } from './official/targets.ts';
import { RecordError } from './record/goldens.ts';

/** Where the command writes. */
export interface ProveOutput {
  write(text: string): void;
  /** Writes one line for an error. */
  warn(message: string): void;
}

/** The proofs that answer yes or no and need no person to judge them: `prove all`. */
const all: readonly (readonly [name: string, run: () => Promise<number>])[] = [
  ...(['runtime', 'gateway', 'variations', 'go'] as const).map(
    (kind) => [kind, () => faultsUntilInterrupted(kind, { names: [] })] as const,
  ),
  ['hostile', () => proveHostile([])],
  ['official', async () => (await import('./official/official.ts')).proveOfficial(byDefault)],
  ['inspector', async () => (await import('./official/inspector.ts')).proveInspector(byDefault)],
];

const byDefault: OfficialRequest = { targets: [], cache: defaultCache };

const interruptedCode = 128;

/**
 * `npm run prove`: proves the kit itself.
 * @returns the exit code: 0 where everything holds, 1 where something does not, 2 for wrong usage, 3 where the proof could
 *   not be carried out, above 128 after a signal
 */
export async function prove(words: readonly string[], output: ProveOutput): Promise<number> {
  let exitCode = 0;
  const program = createCommand(output, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(words.length === 0 ? ['all'] : words, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    output.warn(
      `error: ${errorMessage(error)
        .replace(/^error: /, '')
        .replace(/\s+/g, ' ')
        .trim()}`,
    );
    const isUsage = [CommanderError, UsageError, UnwritableFileError, FixtureError, RecordError].some(
      (known) => error instanceof known,
    );
    return isUsage ? 2 : 3;
  }
}

function createCommand(output: ProveOutput, done: (exitCode: number) => void): Command {
  const program = new Command('npm run prove --')
    .description('Proves the kit itself. Without a word: all.')
    .exitOverride()
    .configureOutput({ writeOut: output.write, writeErr: () => undefined })
    .helpOption('--help', 'this text')
    .helpCommand(false);
  const command = (usage: string, about: string) =>
    program.command(usage).description(about).allowExcessArguments(false);

  command('all', `${all.map(([name]) => name).join(', ')}, one after the other`).action(async () =>
    done(await proveAll(output)),
  );

  program.commandsGroup('Faults:');
  for (const [kind, { about }] of Object.entries(faultKinds) as [FaultKind, { about: string }][]) {
    const faults = command(`${kind} [names...]`, about)
      .option('--clause <clause>', 'only the faults of a clause or a glob of clauses; several', collect)
      .option('--list', 'names the faults and tries none')
      .option('--together <number>', 'how many are tried side by side', wholeNumber)
      .option('--json <file>', 'writes the report as JSON, with every case that failed')
      .option('--markdown <file>', 'writes the report as Markdown');
    if (kind !== 'variations') {
      faults.option('--whole-suite', 'against all cases; by default only against those of the clause');
    }
    faults.action(async (names: string[], options: Omit<FaultRequest, 'names'>) =>
      done(await faultsUntilInterrupted(kind, { ...options, names })),
    );
  }

  program.commandsGroup('Other proofs:');
  command('hostile [names...]', 'the kit against servers that try to break it').action(
    async (names: string[]) => done(await proveHostile(names)),
  );
  official(command('official [targets...]', 'the official MCP conformance suite through our gateway')).action(
    async (targets: string[], options: Omit<OfficialRequest, 'targets'>) =>
      done(await (await import('./official/official.ts')).proveOfficial({ ...options, targets })),
  );
  official(command('inspector [targets...]', 'the MCP Inspector through our gateway')).action(
    async (targets: string[], options: Omit<OfficialRequest, 'targets'>) =>
      done(await (await import('./official/inspector.ts')).proveInspector({ ...options, targets })),
  );

  program.commandsGroup('Measurements:');
  command('steady', 'many runs of the suite in a row: any that is not green is a flake')
    .option('--runs <number>', 'how many', wholeNumber, 50)
    .action(async ({ runs }: { runs: number }) =>
      done(await (await import('./bench/steady.ts')).steady(runs)),
    );
  command('bench', 'the speed of the suite, and how its time grows').action(async () =>
    done(await (await import('./bench/bench.ts')).bench()),
  );

  program.commandsGroup('Fixtures:');
  command('record', 'rewrites goldens from the reference runtime, for you to review').action(async () =>
    done(await (await import('./record/record.ts')).record()),
  );
  return program;
}

function official(command: Command): Command {
  return command
    .addHelpText(
      'after',
      '\nA target is embedded, image:NAME, command:LINE or socket:PATH. Default: embedded, and the images that\nmcp-runtime-conformance.yaml names.',
    )
    .option('--transport <kind>', 'how the gateway reaches the runtime: grpc (default) or http')
    .option('--cache <folder>', 'where programs from npm are installed', defaultCache)
    .option('--verbose', 'shows what the program writes, also where everything passes');
}

async function proveAll({ write }: ProveOutput): Promise<number> {
  const codes: number[] = [];
  for (const [name, run] of all) {
    write(`\n== ${name}\n`);
    const code = await run();
    if (code > interruptedCode) return code;
    codes.push(code);
  }
  write(`\n${all.map(([name], index) => `${name}: ${codes[index] === 0 ? 'ok' : 'FAILED'}`).join('\n')}\n`);
  return Math.max(...codes);
}

/** The first Ctrl-C gives the trials up and reports what was found until then; the second ends the process at once. */
async function faultsUntilInterrupted(kind: FaultKind, request: FaultRequest): Promise<number> {
  using interruption = new Interruption(process, (code) => process.exit(code));
  const exitCode = await proveFaults(kind, request, interruption.signal);
  return interruption.exitCode ?? exitCode;
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

function wholeNumber(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new InvalidArgumentError('Must be a whole number above 0.');
  return Number(value);
}
