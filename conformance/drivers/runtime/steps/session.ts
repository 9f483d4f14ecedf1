import { StepFailure } from '../../../engine/failure.ts';
import type { Observation } from '../../../observe/unary.ts';
import type { WrittenRequest } from '../request.ts';
import { memberOf, negotiatedRevision } from '../sessions.ts';
import type { StepContext } from '../step-context.ts';
import { type BuiltRequest, buildStepRequest, type CallSettings, completeCall } from './unary.ts';

/** The newest revision with a handshake, and the default of cases. */
export const defaultRevision = '2025-11-25';

/** Maximum length of a session id. It is limited because every further call carries the id. */
export const maxSessionIdLength = 8_192;

/** The argument of `session`. */
export type SessionArgument = CallSettings &
  Pick<WrittenRequest, 'authContext' | 'serverId' | 'headers'> &
  Readonly<{ as?: string; revision?: string; clientCapabilities?: Readonly<Record<string, unknown>> }>;

/**
 * Runs `session`, the handshake (INIT-1), and saves the id of the session. If the release of the contract leaves
 * sessions optional and the runtime creates none, the id is empty, and further calls name no session.
 */
export async function runSession(context: StepContext, written: SessionArgument): Promise<void> {
  const argument = context.resolve<SessionArgument>(written);
  const { authContext, serverId, headers } = argument;
  const envelope = { authContext, serverId, headers };
  const initialize = buildStepRequest(context, 'Invoke', {
    ...envelope,
    message: initializeMessage(argument.revision ?? defaultRevision, argument.clientCapabilities ?? {}),
  });
  const invoke = (request: BuiltRequest) =>
    completeCall(context, { rpc: 'Invoke', settings: argument, request });
  const actual = await invoke(initialize);
  const made = negotiatedRevision(actual) ?? (await withoutSession(context, actual));
  const request = initialize.described;
  if (actual['status'] !== 200 || made === undefined) {
    const expected =
      'status 200, a result with protocolVersion, and the header field mcp-session-id (INIT-1)';
    throw new StepFailure(`initialize did not create a session: ${outline(actual)}`, {
      request,
      expected,
      actual,
    });
  }
  const { length } = made.sessionId;
  if (length > maxSessionIdLength) {
    const limit = `over the kit's limit of ${maxSessionIdLength}`;
    const summary = `initialize returned a session id of ${length} characters, ${limit}`;
    throw new StepFailure(summary, { request, actual });
  }
  const name = argument.as ?? 'session';
  context.variables.set(name, made.sessionId);
  const initialized = buildStepRequest(context, 'Invoke', {
    ...envelope,
    // Refer to the id by its variable, because the id itself may look like a variable.
    sessionId: `\${${name}}`,
    message: { method: 'notifications/initialized' },
  });
  const accepted = await invoke(initialized);
  if (accepted['status'] !== 202) {
    throw new StepFailure(`notifications/initialized was not accepted: ${outline(accepted)}`, {
      request: initialized.described,
      expected: 'status 202 (JSONRPC-3)',
      actual: accepted,
    });
  }
}

/** Returns an empty session id if the answer has a result and the runtime need not create sessions. */
async function withoutSession(
  { resources }: StepContext,
  { message }: Observation,
): Promise<{ readonly sessionId: '' } | undefined> {
  const { ready, release } = resources.options;
  await ready;
  const isAnswered = typeof memberOf(memberOf(message, 'result'), 'protocolVersion') === 'string';
  return release.leavesSessionsOptional && isAnswered ? { sessionId: '' } : undefined;
}

/** Makes the `initialize` request of the kit. */
export function initializeMessage(
  revision: string,
  capabilities: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return {
    id: 'initialize',
    method: 'initialize',
    params: {
      protocolVersion: revision,
      capabilities,
      clientInfo: { name: 'mcp-runtime-conformance', version: '1' },
    },
  };
}

/** Summarizes a response in a few words. */
export function outline({ grpc, grpcMessage, status, message }: Observation): string {
  if (grpc !== 'OK') return `gRPC ${String(grpc)} ${String(grpcMessage)}`.trimEnd();
  const error = memberOf(message, 'error');
  const text = error === undefined ? '' : ` ${JSON.stringify(error)}`;
  return `status ${String(status)}${text.slice(0, 200)}`;
}
