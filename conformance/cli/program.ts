import { CliCommand } from './cli-command.ts';
import type { CommandContext } from './command-context.ts';
import { declareRun } from './run-options.ts';

/** A command of its own, named by the first word of the command line. */
interface Subcommand {
  readonly summary: string;
  /** Loads the options of the command, which carry it out. */
  readonly declare: (command: CliCommand, context: CommandContext, exit: Exit) => Promise<void>;
}

/** Takes the exit code of the command that was carried out. */
type Exit = (code: number) => void;

/** In the order of the help. */
const subcommands: Readonly<Record<string, Subcommand>> = {
  matrix: {
    summary: 'runs the suite on several implementations, side by side',
    declare: async (command, context, exit) => {
      const { declareMatrix } = await import('./matrix/matrix-options.ts');
      declareMatrix(command, async (invocation) => {
        const { matrixCommand } = await import('./matrix/matrix-command.ts');
        exit(await matrixCommand(invocation, context));
      });
    },
  },
  compare: {
    summary: 'says what changed from one JSON report to another',
    declare: async (command, context, exit) => {
      const { declareCompare } = await import('./compare/compare-options.ts');
      declareCompare(command, async (request) => {
        const { compareCommand } = await import('./compare/compare-command.ts');
        exit(await compareCommand(request, context));
      });
    },
  },
  proto: {
    summary: 'check: whether a change of the proto module is compatible, and whom it touches',
    declare: async (command, context, exit) => {
      const { declareProto } = await import('./proto/proto-options.ts');
      declareProto(command, async (invocation) => {
        const { protoCommand } = await import('./proto/proto-command.ts');
        exit(await protoCommand(invocation, context));
      });
    },
  },
  gateway: {
    summary: 'serves MCP over HTTP in front of a runtime',
    declare: async (command, context, exit) => {
      const { declareGateway } = await import('./gateway/gateway-options.ts');
      declareGateway(command, async (request) => {
        const { gatewayCommand } = await import('./gateway/gateway-command.ts');
        exit(await gatewayCommand(request, context));
      });
    },
  },
  'check-gateway': {
    summary: 'checks a gateway: plays the runtime, and sends it HTTP requests',
    declare: async (command, context, exit) => {
      const { declareCheckGateway } = await import('./check-gateway/check-gateway-options.ts');
      declareCheckGateway(command, context.environment, async (invocation) => {
        const { checkGatewayCommand } = await import('./check-gateway/check-gateway-command.ts');
        exit(await checkGatewayCommand(invocation, context));
      });
    },
  },
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
