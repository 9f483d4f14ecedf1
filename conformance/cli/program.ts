import { declareCheckGateway } from './check-gateway/check-gateway-options.ts';
import { CliCommand } from './cli-command.ts';
import type { CommandContext } from './command-context.ts';
import { declareCompare } from './compare/compare-options.ts';
import { declareGateway } from './gateway/gateway-options.ts';
import { declareMatrix } from './matrix/matrix-options.ts';
import { declareProto } from './proto/proto-options.ts';
import { declareRun } from './run-options.ts';

/** Carries out what the options of a command ask for. @returns the exit code */
type Carry<Request> = (request: Request, context: CommandContext) => Promise<number>;

/**
 * The whole command line. What carries a command out is loaded by the command that needs it: help has to be there at once.
 * @param exit takes the exit code of the command that was carried out
 */
export function makeProgram(context: CommandContext, exit: (code: number) => void): CliCommand {
  const by =
    <Request>(load: () => Promise<Carry<Request>>) =>
    async (request: Request): Promise<void> => {
      const carry = await load();
      exit(await carry(request, context));
    };
  const program = new CliCommand('mcp-runtime-conformance').configureOutput({
    writeOut: (text) => context.output.write(text),
  });
  declareRun(
    program,
    context.tool.version,
    by(async () => (await import('./run-command.ts')).runCommand),
  );
  declareMatrix(
    program,
    by(async () => (await import('./matrix/matrix-command.ts')).matrixCommand),
  );
  declareCompare(
    program,
    by(async () => (await import('./compare/compare-command.ts')).compareCommand),
  );
  declareProto(
    program,
    by(async () => (await import('./proto/proto-command.ts')).protoCommand),
  );
  declareGateway(
    program,
    by(async () => (await import('./gateway/gateway-command.ts')).gatewayCommand),
  );
  declareCheckGateway(
    program,
    context.environment,
    by(async () => (await import('./check-gateway/check-gateway-command.ts')).checkGatewayCommand),
  );
  return program;
}
