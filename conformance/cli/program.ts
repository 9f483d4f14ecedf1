import { CliCommand } from './cli-command.ts';
import type { CommandContext } from './command-context.ts';
import { declareRun } from './run-options.ts';

/** Receives the exit code of a command. */
type Exit = (code: number) => void;

/** A subcommand, selected by the first word of the command line. */
interface Subcommand {
  readonly summary: string;
  /** Declares the options of the command, loading its modules on demand. */
  readonly declare: (command: CliCommand, context: CommandContext, exit: Exit) => Promise<void>;
}

type Declare<I> = (
  command: CliCommand,
  handle: (invocation: I) => Promise<void>,
  environment: CommandContext['environment'],
) => void;
type CarryOut<I> = (invocation: I, context: CommandContext) => Promise<number>;

/**
 * @param options loads the module that declares the options
 * @param action loads the module that runs the command
 */
function subcommand<I>(
  summary: string,
  options: () => Promise<Declare<I>>,
  action: () => Promise<CarryOut<I>>,
): Subcommand {
  return {
    summary,
    declare: async (command, context, exit) => {
      const declare = await options();
      const handle = async (invocation: I) => exit(await (await action())(invocation, context));
      declare(command, handle, context.environment);
    },
  };
}

/** The subcommands in the order of the help. */
const subcommands: Readonly<Record<string, Subcommand>> = {
  matrix: subcommand(
    'run the suite on several implementations',
    async () => (await import('./matrix/matrix-options.ts')).declareMatrix,
    async () => (await import('./matrix/matrix-command.ts')).matrixCommand,
  ),
  compare: subcommand(
    'compare two JSON reports',
    async () => (await import('./compare/compare-options.ts')).declareCompare,
    async () => (await import('./compare/compare-command.ts')).compareCommand,
  ),
  report: subcommand(
    'merge JSON reports, or make a site from them',
    async () => (await import('./report/report-options.ts')).declareReport,
    async () => (await import('./report/report-command.ts')).reportCommand,
  ),
  proto: subcommand(
    'check a change to the proto module for compatibility',
    async () => (await import('./proto/proto-options.ts')).declareProto,
    async () => (await import('./proto/proto-command.ts')).protoCommand,
  ),
  gateway: subcommand(
    'serve MCP over HTTP in front of a runtime',
    async () => (await import('./gateway/gateway-options.ts')).declareGateway,
    async () => (await import('./gateway/gateway-command.ts')).gatewayCommand,
  ),
  serve: subcommand(
    'serve a stdio MCP server as a runtime',
    async () => (await import('./serve/serve-options.ts')).declareServe,
    async () => (await import('./serve/serve-command.ts')).serveCommand,
  ),
  'check-gateway': subcommand(
    'check a gateway against its chapter of the contract',
    async () => (await import('./check-gateway/check-gateway-options.ts')).declareCheckGateway,
    async () => (await import('./check-gateway/check-gateway-command.ts')).checkGatewayCommand,
  ),
  explore: subcommand(
    'compare a runtime with a model of sessions',
    async () => (await import('./explore/explore-options.ts')).declareExplore,
    async () => (await import('./explore/explore-command.ts')).exploreCommand,
  ),
  bench: subcommand(
    'measure runtimes under load',
    async () => (await import('./bench/bench-options.ts')).declareBench,
    async () => (await import('./bench/bench-command.ts')).benchCommand,
  ),
  completion: subcommand(
    'print a completion script for bash, zsh or fish',
    async () => (await import('./completion/completion-options.ts')).declareCompletion,
    async () => (await import('./completion/completion-command.ts')).completionCommand,
  ),
};

/** Makes the whole command line. Commands are loaded on demand, so that help appears immediately. */
export function makeProgram(context: CommandContext, exit: Exit): CliCommand {
  const program = new CliCommand('mcp-runtime-conformance').configureOutput({
    writeOut: (text) => context.output.write(text),
  });
  declareRun(program, context.tool.version, async (invocation) => {
    const { runCommand } = await import('./run-command.ts');
    exit(await runCommand(invocation, context));
  });
  for (const [name, { summary, declare }] of Object.entries(subcommands)) {
    const command = program.command(name).summary(summary);
    command.loadedBy(() => declare(command, context, exit));
  }
  return program;
}
