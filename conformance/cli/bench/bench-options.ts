import { availableParallelism } from 'node:os';
import type { BenchPlan } from '../../bench/plan.ts';
import type { BenchTransport } from '../../bench/report.ts';
import { defaultWorkloads, workloads } from '../../bench/workloads/index.ts';
import { benchFormatNames } from '../../formats/bench.ts';
import type { ReportRequest } from '../../formats/publish.ts';
import { configFile, defaultReadyMs } from '../../plan/defaults.ts';
import { UsageError } from '../../plan/usage-error.ts';
import { listed } from '../../text/text.ts';
import type { CliCommand } from '../cli-command.ts';
import { addStartFlags, addTargetFlags, colourOption, readyTimeout, takeTarget } from '../option-groups.ts';
import { choice, flag, several, text, whole } from '../option-values.ts';
import { parseReports } from '../report-request.ts';
import { readDuration, readPercent, readRate } from './bench-values.ts';
import { addBenchCompare, type BenchCompareRequest } from './compare-options.ts';

/** The parsed command line of `bench`. */
export type BenchRequest =
  | {
      readonly kind: 'run';
      readonly plan: BenchPlan;
      /** Values of `--target`. If empty, the plan has the target. */
      readonly targets: readonly string[];
      readonly config: string | undefined;
      readonly output: BenchOutput;
    }
  | { readonly kind: 'self-test'; readonly plan: BenchPlan; readonly output: BenchOutput }
  | BenchCompareRequest;

/** Where a benchmark is reported. */
export interface BenchOutput {
  readonly reports: readonly ReportRequest[];
  /** False with `--no-color`, otherwise undefined. */
  readonly colour: boolean | undefined;
}

interface Options {
  readonly targets?: readonly string[];
  readonly config?: string;
  readonly transport?: BenchTransport | 'both';
  readonly gateway?: true;
  readonly workloads?: readonly string[];
  readonly events?: number;
  readonly users?: number;
  readonly rate?: number;
  readonly duration?: number;
  readonly warmUp?: number;
  readonly rounds?: number;
  readonly deadline?: number;
  readonly baseline?: string;
  readonly maxRegression?: number;
  readonly workers?: number;
  readonly connections?: number;
  readonly selfTest?: true;
  readonly readyTimeoutMs?: number;
  readonly report?: readonly string[];
  readonly color: boolean;
}

const defaults = {
  users: 16,
  /** Limits the operations in flight of an open loop. Enough for latencies of 100 ms at a thousand operations/s. */
  openUsers: 100,
  durationMs: 10_000,
  warmUpMs: 2_000,
  rounds: 10,
  events: 100,
  deadlineMs: 10_000,
  maxRegression: 0.1,
  workers: Math.max(1, Math.floor(availableParallelism() / 2)),
};

/** The shortest round with meaningful figures. */
const minRoundMs = 100;

/** Declares the command `bench`, with its subcommand `compare`. */
export function declareBench(command: CliCommand, handle: (request: BenchRequest) => Promise<void>): void {
  command
    .description(
      'Measures throughput, latency, processor time and memory of runtimes under load.\n' +
        'Without a target, it measures the built-in reference runtime.',
    )
    .usage('[options] [-- arguments of the target]');
  addTargetFlags(command, 'Target (choose one, or several with --target):');
  command
    .addOption(several('--target <name=kind:value>', 'one of several targets; repeatable', 'targets'))
    .addOption(text('--config <file>', `targets by name (default: ${configFile}, if it exists)`))
    .addOption(
      choice('--transport <kind>', 'transport to the runtime (default: grpc)', ['grpc', 'http', 'both']),
    )
    .addOption(flag('--gateway', 'send the load through the gateway of the kit'));
  addLoadOptions(command);
  addComparisonOptions(command);
  command.addGroup(
    'Output:',
    several('--report <kind=file,...>', `also write a ${listed(benchFormatNames)} report; repeatable`),
    colourOption(),
  );
  addStartFlags(command);
  addBenchCompare(command, handle);
  command.addHelpText('after', helpText()).action(() => handle(requestOf(command)));
}

function addLoadOptions(command: CliCommand): void {
  const names = workloads.map(({ name }) => name).join(', ');
  command.addGroup(
    'Load:',
    several(
      '--workload <name>',
      `${names}; repeatable (default: ${defaultWorkloads.join(', ')})`,
      'workloads',
    ),
    whole('--users <number>', `concurrent users, each with a session (default: ${defaults.users})`, 10_000),
    text(
      '--rate <number/s>',
      'start operations at this rate, even if earlier ones have not ended; --users then limits those in flight',
      readRate,
    ),
    text('--duration <time>', 'measured time for each workload and variant (default: 10s)', readDuration),
    text('--warm-up <time>', 'load before the measured time (default: 2s)', readDuration),
    text('--deadline <time>', 'time limit of an operation (default: 10s)', readDuration),
    whole('--events <number>', `events of a stream (default: ${defaults.events})`, 100_000),
    whole(
      '--workers <number>',
      `threads that generate load (default: half the cores, here ${defaults.workers})`,
      64,
    ),
    whole('--connections <number>', 'gRPC connections (default: one for each thread)', 1_000),
    flag('--self-test', 'measure the load generator itself, without a target'),
    readyTimeout('time limit until a target is ready'),
  );
}

function addComparisonOptions(command: CliCommand): void {
  command.addGroup(
    'Comparison:',
    whole('--rounds <number>', `slices of the measured time (default: ${defaults.rounds})`, 1_000),
    text('--baseline <name>', 'the variant to compare with (default: the first one)'),
    text('--max-regression <percent>', 'permitted slowdown (default: 10%)', readPercent),
  );
}

function helpText(): string {
  const lines = workloads.map(({ name, about }) => `  ${name.padEnd(11)} ${about}`);
  return [
    '\nWorkloads:',
    ...lines,
    '\nSeveral targets or transports take turns within each round, in reverse order in',
    'every second round. Prefer this comparison. `bench compare` also measures',
    'changes in the machine between the two runs.',
    '\nExit code: 0 measured, 1 a regression or failed operations, 2 invalid usage or',
    'files, 3 a target could not be tested.',
  ].join('\n');
}

function requestOf(command: CliCommand): BenchRequest {
  const [target, options] = takeTarget<Options>(command);
  const { targets = [], config, selfTest, report = [], color } = options;
  const isNamed = command.targetArguments.length > 0 || target.kind !== 'embedded';
  if (targets.length > 0 && isNamed) {
    throw new UsageError(`--target and --${target.kind} exclude each other; name every target with --target`);
  }
  const output = { reports: benchReports(report), colour: color ? undefined : false };
  const plan: BenchPlan = {
    ...loadOf(options),
    targets: [{ name: target.kind, target }],
    transports: options.transport === 'both' ? ['grpc', 'http'] : [options.transport ?? 'grpc'],
    workloads: workloadsOf(options),
    gateway: options.gateway ?? false,
    events: options.events ?? defaults.events,
    baseline: options.baseline,
    maxRegression: options.maxRegression ?? defaults.maxRegression,
    readyTimeoutMs: options.readyTimeoutMs ?? defaultReadyMs,
  };
  if (selfTest) return { kind: 'self-test', plan, output };
  return { kind: 'run', plan, targets, config, output };
}

type LoadPlan = Pick<
  BenchPlan,
  'load' | 'durationMs' | 'warmUpMs' | 'rounds' | 'deadlineMs' | 'workers' | 'connections'
>;

function loadOf(options: Options): LoadPlan {
  const { rate, duration = defaults.durationMs, rounds = defaults.rounds } = options;
  const users = options.users ?? (rate === undefined ? defaults.users : defaults.openUsers);
  if (duration / rounds < minRoundMs) {
    throw new UsageError(
      `--duration ${duration / 1_000}s is too short for ${rounds} rounds of at least 0.1 s`,
    );
  }
  // A thread without users would have nothing to do.
  const workers = Math.min(options.workers ?? defaults.workers, users);
  return {
    load: rate === undefined ? { kind: 'closed', users } : { kind: 'open', ratePerS: rate, users },
    durationMs: duration,
    warmUpMs: options.warmUp ?? defaults.warmUpMs,
    rounds,
    deadlineMs: options.deadline ?? defaults.deadlineMs,
    workers,
    connections: options.connections ?? workers,
  };
}

function workloadsOf({ workloads: chosen = defaultWorkloads }: Options): readonly string[] {
  const names = workloads.map(({ name }) => name);
  for (const name of chosen) {
    if (!names.includes(name))
      throw new UsageError(`--workload ${name}: unknown workload; use ${listed(names)}`);
  }
  return [...new Set(chosen)];
}

function benchReports(values: readonly string[]): readonly ReportRequest[] {
  const requests = parseReports(values);
  const other = requests.find(({ format }) => !benchFormatNames.includes(format));
  if (other === undefined) return requests;
  throw new UsageError(
    `--report ${other.format}=${other.path}: a benchmark has no such report; use ${listed(benchFormatNames)}`,
  );
}
