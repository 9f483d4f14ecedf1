import { StepFailure } from '../../../engine/failure.ts';
import type { Observation } from '../../../observe/unary.ts';
import { negotiatedRevision } from '../negotiated-revision.ts';
import type { WrittenAuthContext } from '../request.ts';
import type { Scope } from '../scope.ts';
import { type BuiltRequest, buildStepRequest, carryOut } from './unary.ts';

/** The newest revision with a handshake; what a case asks for unless it says otherwise. */
export const defaultRevision = '2025-11-25';

/** Every further call carries the id. */
export const maxSessionIdLength = 8_192;

export interface SessionArgument {
  readonly as?: string;
  readonly authContext?: WrittenAuthContext;
  readonly serverId?: string;
  readonly revision?: string;
  readonly clientCapabilities?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly connection?: string;
  readonly target?: string;
}

/** `session`: the handshake, INIT-1. Saves the session's id. */
export async function runSession(scope: Scope, written: SessionArgument): Promise<void> {
  const argument = scope.resolve<SessionArgument>(written);
  const envelope = {
    authContext: argument.authContext,
    serverId: argument.serverId,
    headers: argument.headers,
  };
  const initialize = buildStepRequest(scope, 'Invoke', {
    ...envelope,
    message: initializeMessage(argument.revision ?? defaultRevision, argument.clientCapabilities ?? {}),
  });
  const invoke = (request: BuiltRequest) => carryOut(scope, { rpc: 'Invoke', place: argument, request });
  const answer = await invoke(initialize);
  const made = negotiatedRevision(answer);
  if (answer['status'] !== 200 || made === undefined) {
    throw new StepFailure(`initialize made no session: ${outline(answer)}`, {
      request: initialize.described,
      expected: 'status 200, a result with protocolVersion, and the header field mcp-session-id (INIT-1)',
      actual: answer,
    });
  }
  const { sessionId } = made;
  if (sessionId.length > maxSessionIdLength) {
    throw new StepFailure(
      `initialize made a session id of ${sessionId.length} characters, more than the ${maxSessionIdLength} that the kit carries`,
      { request: initialize.described, actual: answer },
    );
  }
  const name = argument.as ?? 'session';
  scope.variables.set(name, sessionId);
  const initialized = buildStepRequest(scope, 'Invoke', {
    ...envelope,
    // By the variable: an id may look like one itself.
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

/** The `initialize` request of this kit. */
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

/** An answer in a few words. */
export function outline(observation: Observation): string {
  if (observation['grpc'] !== 'OK') {
    return `gRPC ${String(observation['grpc'])} ${String(observation['grpcMessage'])}`.trimEnd();
  }
  const message = observation['message'];
  const error =
    typeof message === 'object' && message !== null && 'error' in message
      ? ` ${JSON.stringify(message.error)}`
      : '';
  return `status ${String(observation['status'])}${error.slice(0, 200)}`;
}
