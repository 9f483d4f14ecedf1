import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { errorMessage } from '../base/error-message.ts';
import { UnwritableFileError } from '../base/write-file.ts';
import { Interruption } from '../conformance/cli/interruption.ts';
import { FixtureError } from '../conformance/load/yaml-file.ts';
import { UsageError } from '../conformance/plan/usage-error.ts';
import { proveBenchAccuracy } from './bench-accuracy/prove-bench-accuracy.ts';
import { proveBrowser } from './browser/prove-browser.ts';
import { proveChaos } from './chaos/prove-chaos.ts';
import { proveClients } from './clients/clients.ts';
import { proveExplore } from './explore/prove-explore.ts';
import { proveFastPaths } from './fast-paths/prove-fast-paths.ts';
import { proveGrpcClients } from './grpc-clients/prove-grpc-clients.ts';
import { type FaultKind, faultKinds } from './harness/kinds.ts';
import { type FaultRequest, proveFaults } from './harness/prove-faults.ts';
import { proveHostile } from './hostile/prove-hostile.ts';
import { proveMemory } from './memory/prove-memory.ts';
import { proveInspector } from './official/inspector.ts';
import { proveOfficial } from './official/official.ts';
import type { OfficialRequest } from './official/targets.ts';
import {
  acceptChaos,
  acceptFastPaths,
  acceptFaults,
  acceptStryker,
  acceptTargets,
  collect,
  wholeNumber,
} from './proof-options.ts';
import { RecordError } from './record/goldens.ts';
import { record } from './record/record.ts';
import { proveRelease } from './release-1-0/prove-release.ts';
import { runTests } from './run-tests.ts';
import { proveSdks } from './sdks/prove-sdks.ts';
import { type ProofResult, runSideBySide } from './side-by-side.ts';
import { proveStryker } from './stryker/prove-stryker.ts';
import { summaryLines } from './summary.ts';
import { proveTenants } from './tenants/prove-tenants.ts';
import { patience } from './timing/patience.ts';
import { steady } from './timing/steady.ts';
import { suiteTime } from './timing/suite-time.ts';

type Options = Omit<FaultRequest, 'names'> &
  Omit<OfficialRequest, 'targets'> & {
    readonly runs?: number;
    readonly operations?: number;
    readonly seed?: number;
    readonly short?: boolean;
    readonly attack?: readonly string[];
    readonly language?: readonly string[];
    readonly cycles?: number;
    readonly sessions?: number;
    readonly rounds?: number;
    readonly duration?: number;
    readonly callers?: number;
    readonly faults?: boolean;
  };

/** A proof or a measurement. */
interface Proof {
  readonly about: string;
  /** Adds arguments and options to the command. */
  readonly accept?: (command: Command) => Command;
  /** Whether the proof waits most of its time, so that `all` runs it beside others. */
  readonly waits?: boolean;
  /** Options with which `all` runs the proof. */
  readonly inAll?: readonly string[];
  /** Resolves to the exit code. */
  readonly run: (names: readonly string[], options: Options, tell: TellProblem) => Promise<number>;
}

/** Receives each reason for which a proof failed, in one line. */
type TellProblem = (problem: string) => void;

/** Proofs that pass or fail. `all` runs them. */
const proofs: Readonly<Record<string, Proof>> = {
  runtime: faultProof('runtime'),
  gateway: faultProof('gateway'),
  variations: faultProof('variations'),
  go: faultProof('go'),
  tenants: {
    about: 'an honest caller of each runtime beside a hostile one: no call fails, and few are slower',
    inAll: ['--short'],
    accept: (command) =>
      command
        .argument('[targets...]', 'embedded (default, with the configured targets), image:NAME, command:LINE')
        .option('--attack <name>', 'selects an attack; repeatable', collect)
        .option('--short', 'measures for a few seconds; only failed calls decide'),
    run: (targets, options, tell) => proveTenants({ ...options, targets }, tell),
  },
  chaos: {
    about:
      'callers of two gateways whose processes are killed, stopped and starved: no invariant is violated',
    inAll: ['--duration', '45s'],
    accept: acceptChaos,
    async run(_, options, tell) {
      using interruption = new Interruption(process, (code) => process.exit(code));
      try {
        return await proveChaos(options, interruption.signal, tell);
      } catch (error) {
        if (interruption.exitCode === undefined) throw error;
        return interruption.exitCode;
      }
    },
  },
  explore: {
    about: 'random operations: the reference runtime behaves like the model, and faults do not',
    waits: true,
    accept: (command) =>
      command
        .option('--operations <number>', 'number of operations on the reference runtime', wholeNumber, 10_000)
        .option('--seed <number>', 'seed of the operations', wholeNumber, 1),
    run: (_, { operations = 10_000, seed = 1 }, tell) => proveExplore({ operations, seed }, tell),
  },
  hostile: {
    about: 'the kit against servers that attack it',
    waits: true,
    accept: (command) => command.argument('[names...]', 'names or globs of targets'),
    run: (names, _, tell) => proveHostile(names, tell),
  },
  browser: {
    about: 'HTML reports of real runs in Chromium',
    waits: true,
    accept: (command) => command.argument('[names...]', 'parts of the names of test files'),
    run: (names, _, tell) => proveBrowser(names, tell),
  },
  workflows: {
    about: 'the GitHub Action and the GitLab example, step by step',
    waits: true,
    run: (_, __, tell) => runTests({ files: ['action'], variables: { WORKFLOW_PROOF: '1' }, tell }),
  },
  official: {
    about: 'the official MCP conformance suite through our gateway',
    waits: true,
    accept: acceptTargets,
    run: (targets, options) => proveOfficial({ ...options, targets }),
  },
  inspector: {
    about: 'the MCP Inspector through our gateway',
    waits: true,
    accept: acceptTargets,
    run: (targets, options) => proveInspector({ ...options, targets }),
  },
  clients: {
    about: 'published clients of MCP 2026-07-28 through our gateway',
    waits: true,
    accept: acceptTargets,
    run: (targets, options) => proveClients({ ...options, targets }),
  },
  'grpc-clients': {
    about: 'gRPC clients with the defaults of their libraries, over unix: to each runtime',
    waits: true,
    accept: (command) =>
      command
        .argument('[targets...]', 'embedded (default, with the configured targets), image:NAME, command:LINE')
        .option('--language <name>', 'python, go, rust, java, cpp or node; repeatable', collect)
        .option('--cache <folder>', 'folder for the programs to install'),
    run: (targets, options, tell) => proveGrpcClients({ ...options, targets }, tell),
  },
  sdks: {
    about: 'servers of the Go and TypeScript SDKs, whose findings must be as expected',
    waits: true,
    accept: (command) => command.option('--cache <folder>', 'folder for the Go program to install'),
    run: (_, options, tell) => proveSdks(options, tell),
  },
};

const others: Readonly<Record<string, Proof>> = {
  all: { about: Object.keys(proofs).join(', '), run: proveAll },
  stryker: {
    about: 'mutants that Stryker makes of the reference runtime: each is caught, or listed with a reason',
    accept: acceptStryker,
    run: (names, options, tell) => interruptibly((stop) => proveStryker({ ...options, names, tell }, stop)),
  },
  steady: {
    about: 'repeated runs of the suite; a failed run is a flake',
    accept: (command) => command.option('--runs <number>', 'number of runs', wholeNumber, 50),
    run: (_, { runs = 50 }) => steady(runs),
  },
  release: {
    about: 'repeated runs against a runtime of contract release 1.0, which must agree case by case',
    accept: (command) => command.option('--runs <number>', 'number of runs', wholeNumber, 20),
    run: (_, { runs = 20 }) => proveRelease(runs),
  },
  patience: { about: 'the duration of check-gateway against a gateway that never gives up', run: patience },
  'suite-time': { about: 'the duration of the suite, depending on the number of cases', run: suiteTime },
  memory: {
    about: 'runtimes and gateway over cycles that open and close sessions: their memory does not grow',
    accept: (command) =>
      command
        .argument('[targets...]', 'embedded (default, with the configured targets), image:NAME, command:LINE')
        .option('--cycles <number>', 'number of cycles', wholeNumber, 9)
        .option('--sessions <number>', 'sessions that each cycle opens and closes', wholeNumber, 10_000),
    run: (targets, { cycles = 9, sessions = 10_000 }, tell) =>
      proveMemory({ targets, cycles, sessions }, tell),
  },
  'bench-accuracy': {
    about: 'injected delays and slowdowns, which the command bench must find',
    accept: (command) =>
      command.option('--runs <number>', 'number of runs for each slowdown', wholeNumber, 10),
    run: (_, { runs = 10 }, tell) => proveBenchAccuracy(runs, tell),
  },
  'fast-paths': {
    about: 'the processor time per call of each fast path, compared with that of a bare program',
    accept: acceptFastPaths,
    run: (names, { rounds = 12 }, tell) => proveFastPaths({ names, rounds }, tell),
  },
  record: { about: 'rewrites goldens from the reference runtime; review the result', run: record },
};

/**
 * Runs the command line of `npm run prove`.
 * @param tell receives each reason for which a proof failed; `all` repeats them at its end
 * @returns the exit code: 0 if all proofs pass, 1 if one fails, 2 for wrong usage, 3 if a proof could not run, above
 *   128 after a signal
 */
export async function prove(words: readonly string[], tell: TellProblem = () => undefined): Promise<number> {
  let exitCode = 0;
  const program = makeProveProgram(async (proof) => {
    exitCode = await proof(tell);
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
 * @param carryOut runs the proof that the arguments select
 */
export function makeProveProgram(
  carryOut: (proof: (tell: TellProblem) => Promise<number>) => Promise<void>,
): Command {
  const program = new Command('npm run prove --')
    .description('Tests the kit itself. Runs all proofs by default.')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .helpOption('--help', 'shows this help')
    .helpCommand(false);
  for (const [name, { about, accept, run }] of Object.entries({ ...proofs, ...others })) {
    const command = program.command(name).description(about).allowExcessArguments(false);
    accept?.(command);
    command.action(() => carryOut((tell) => run(command.args, command.opts(), tell)));
  }
  return program;
}

async function proveAll(): Promise<number> {
  using interruption = new Interruption(process, (code) => process.exit(code));
  const results: ProofResult[] = [];
  const each = Object.entries(proofs);
  for (const [name, { inAll = [] }] of each.filter(([, { waits }]) => waits !== true)) {
    process.stdout.write(`\n== ${name}\n`);
    const problems: string[] = [];
    const exitCode = await prove([name, ...inAll], (problem) => problems.push(problem));
    if (interruption.exitCode !== undefined) return interruption.exitCode;
    results.push({ name, exitCode, output: '', problems });
  }
  const waiting = await runSideBySide(
    each.flatMap(([name, { waits }]) => (waits === true ? [name] : [])),
    {
      program: join(import.meta.dirname, 'main.js'),
      onEnd: ({ name, output }) => process.stdout.write(`\n== ${name}\n${output}`),
      signal: interruption.signal,
    },
  );
  if (interruption.exitCode !== undefined) return interruption.exitCode;
  results.push(...waiting);
  process.stdout.write(`\n${results.flatMap(summaryLines).join('')}`);
  return Math.max(...results.map(({ exitCode }) => exitCode));
}

function faultProof(kind: FaultKind): Proof {
  return {
    about: faultKinds[kind].about,
    accept: (command) => acceptFaults(command, kind),
    run: (names, options, tell) =>
      interruptibly((stop) => proveFaults(kind, { ...options, names, tell }, stop)),
  };
}

/** The first Ctrl-C stops the trials and reports the results so far. The second exits immediately. */
async function interruptibly(run: (signal: AbortSignal) => Promise<number>): Promise<number> {
  using interruption = new Interruption(process, (code) => process.exit(code));
  const exitCode = await run(interruption.signal);
  return interruption.exitCode ?? exitCode;
}
