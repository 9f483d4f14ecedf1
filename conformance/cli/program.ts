import { CliCommand } from './cli-command.ts';
import type { CommandContext } from './command-context.ts';
import { declareRun } from './run-options.ts';

/** Takes the exit code of the command that was carried out. */
type Exit = (code: number) => void;

/** A command of its own, named by the first word of the command line. */
interface Subcommand {
  readonly summary: string;
  /** Loads the options of the command, which carry it out. */
  readonly declare: (command: CliCommand, context: CommandContext, exit: Exit) => Promise<void>;
}

type Declare<I> = (
  command: CliCommand,
  handle: (invocation: I) => Promise<void>,
  environment: CommandContext['environment'],
) => void;
type CarryOut<I> = (invocation: I, context: CommandContext) => Promise<number>;

/**
 * @param options loads what adds the command's options and reads them
 * @param action loads what carries it out; both only when they are needed
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

/** In the order of the help. */
const subcommands: Readonly<Record<string, Subcommand>> = {
  matrix: subcommand(
    'runs the suite on several implementations, side by side',
    async () => (await import('./matrix/matrix-options.ts')).declareMatrix,
    async () => (await import('./matrix/matrix-command.ts')).matrixCommand,
  ),
  compare: subcommand(
    'says what changed from one JSON report to another',
    async () => (await import('./compare/compare-options.ts')).declareCompare,
    async () => (await import('./compare/compare-command.ts')).compareCommand,
  ),
  proto: subcommand(
    'check: whether a change of the proto module is compatible, and whom it touches',
    async () => (await import('./proto/proto-options.ts')).declareProto,
    async () => (await import('./proto/proto-command.ts')).protoCommand,
  ),
  gateway: subcommand(
    'serves MCP over HTTP in front of a runtime',
    async () => (await import('./gateway/gateway-options.ts')).declareGateway,
    async () => (await import('./gateway/gateway-command.ts')).gatewayCommand,
  ),
  'check-gateway': subcommand(
    'checks a gateway: plays the runtime, and sends it HTTP requests',
    async () => (await import('./check-gateway/check-gateway-options.ts')).declareCheckGateway,
    async () => (await import('./check-gateway/check-gateway-command.ts')).checkGatewayCommand,
  ),
};

/** The whole command line. A command is loaded when it is called: help has to be there at once. */
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
