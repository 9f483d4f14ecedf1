import { once } from 'node:events';
import { stdioServer } from '../../../reference-runtime/index.ts';
import { serve } from '../../../reference-runtime/process/run.ts';
import type { CommandContext } from '../command-context.ts';
import { checkProgram } from './check-program.ts';
import type { ServeRequest } from './serve-options.ts';

/** Serves a stdio MCP server until the process must stop. @returns the exit code. @throws UsageError */
export async function serveCommand(request: ServeRequest, context: CommandContext): Promise<number> {
  context.expectSignal();
  const { command, cwd, maxSessions, sessionIdleMs, startMs, graceMs, maxMessageBytes } = request;
  const [file, ...args] = command;
  await checkProgram(file, { cwd, path: context.environment['PATH'] });
  const server = stdioServer({
    file,
    args,
    cwd,
    maxProcesses: maxSessions,
    maxMessageBytes,
    startMs,
    graceMs,
  });
  const { signal, environment } = context;
  return serve({
    version: context.tool.version,
    environment: { ...environment, ...variablesOf(request) },
    options: {
      server,
      limits: {
        maxSessions,
        maxSessionsPerCaller: request.maxSessionsPerCaller ?? Math.ceil(maxSessions / 4),
        ...(sessionIdleMs !== undefined && { sessionIdleMs }),
      },
    },
    stop: signal.aborted ? Promise.resolve() : once(signal, 'abort'),
  });
}

/** Returns the variables of the runtime that options replace. */
function variablesOf(request: ServeRequest): Record<string, string> {
  const { socketPath, httpSocketPath, anonymous, logLevel } = request;
  const variables = {
    MCP_RUNTIME_GRPC_UDS: socketPath,
    MCP_RUNTIME_HTTP_UDS: httpSocketPath,
    MCP_RUNTIME_ANONYMOUS: anonymous,
    MCP_RUNTIME_LOG_LEVEL: logLevel,
  };
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
