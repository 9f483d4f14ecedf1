import type { Command } from 'commander';
import { declareBench } from '../../conformance/cli/bench/bench-options.ts';
import { declareCheckGateway } from '../../conformance/cli/check-gateway/check-gateway-options.ts';
import { CliCommand } from '../../conformance/cli/cli-command.ts';
import type { CommandContext } from '../../conformance/cli/command-context.ts';
import { declareCompare } from '../../conformance/cli/compare/compare-options.ts';
import { declareCompletion } from '../../conformance/cli/completion/completion-options.ts';
import { declareExplore } from '../../conformance/cli/explore/explore-options.ts';
import { declareGateway } from '../../conformance/cli/gateway/gateway-options.ts';
import { declareMatrix } from '../../conformance/cli/matrix/matrix-options.ts';
import { makeProgram } from '../../conformance/cli/program.ts';
import { declareProto } from '../../conformance/cli/proto/proto-options.ts';
import { declareReport } from '../../conformance/cli/report/report-options.ts';
import { declareRun, type Invocation } from '../../conformance/cli/run-options.ts';
import { declareServe } from '../../conformance/cli/serve/serve-options.ts';
import { splitCommand } from '../../runners/command/split-command.ts';

const silent: CommandContext = {
  tool: { name: 'mcp-runtime-conformance', version: '' },
  output: { write: () => {}, isTTY: false, columns: undefined },
  warn: () => {},
  environment: {},
  signal: new AbortController().signal,
  expectSignal: () => {},
  openFile: async () => {},
  temporaryPage: async () => '',
};

/**
 * Loads the commands of the kit with their options. The run has an empty name, and a command of a group has both words.
 */
export async function loadCommands(): Promise<ReadonlyMap<string, Command>> {
  const program = makeProgram(silent, () => {});
  const commands = new Map<string, Command>([['', program]]);
  for (const command of program.commands as readonly CliCommand[]) {
    await command.load();
    const name = command.name();
    // A command that only groups others has no options of its own.
    if (command.commands.length === 0 || command.options.length > 0) commands.set(name, command);
    for (const child of command.commands) commands.set(`${name} ${child.name()}`, child);
  }
  return commands;
}

/** Returns the arguments of the kit in a command line, or undefined if the command runs another program. */
export function kitWords(line: string): readonly string[] | undefined {
  if (!/^(npx|npm|node) /.test(line)) return undefined;
  const words = splitCommand(line);
  const program =
    /^(npx (-- |--yes )?mcp-runtime-conformance|npm run conformance( --)?|node dist\/cli\/main\.js)$/;
  for (let length = 1; length <= Math.min(words.length, 4); length += 1) {
    if (!program.test(words.slice(0, length).join(' '))) continue;
    const rest = words.slice(length);
    return rest[0] === '--' && words[1] === 'run' ? rest.slice(1) : rest;
  }
  return undefined;
}

/** Parses the arguments of a run. Resolves to undefined if they name a subcommand. @throws UsageError */
export async function readRun(words: readonly string[]): Promise<Invocation | undefined> {
  let asked: Invocation | undefined;
  const program = new CliCommand('mcp-runtime-conformance');
  declareRun(program, '', async (invocation) => {
    asked = invocation;
  });
  const nothing = async () => {};
  declareMatrix(program.command('matrix'), nothing);
  declareCompare(program.command('compare'), nothing);
  declareReport(program.command('report'), nothing);
  declareProto(program.command('proto'), nothing);
  declareGateway(program.command('gateway'), nothing);
  declareServe(program.command('serve'), nothing);
  declareCheckGateway(program.command('check-gateway'), nothing, {});
  declareExplore(program.command('explore'), nothing);
  declareBench(program.command('bench'), nothing);
  declareCompletion(program.command('completion'), nothing);
  await program.run(words);
  return asked;
}
