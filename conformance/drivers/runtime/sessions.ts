import { create, toBinary } from '@bufbuild/protobuf';
import { type McpRequest, McpRequestSchema } from '../../../proto/index.ts';
import type { Address } from '../../../runners/runner.ts';
import type { Observation } from '../../observe/unary.ts';
import { ConnectError } from '../../wire/connect-socket.ts';
import { openConnection } from '../../wire/open-connection.ts';
import type { WireLog } from '../../wire/wire-log.ts';
import { callUnary } from './unary-call.ts';

/** Time limit for connecting before sessions are closed, and then for closing each session, in milliseconds. */
const closeMs = 1_000;
/** Maximum size of a response in bytes. */
const receiveLimit = 1 << 20;

/** Returns the session that a response to `initialize` created (INIT-1), or undefined for any other response. */
export function negotiatedRevision(
  answer: Observation,
): { readonly sessionId: string; readonly revision: string } | undefined {
  const sessionId = sessionIdOf(answer);
  if (sessionId === undefined) return undefined;
  const { message: only, messages } = answer;
  for (const message of [only, ...(Array.isArray(messages) ? messages : [])]) {
    const revision = memberOf(memberOf(message, 'result'), 'protocolVersion');
    if (typeof revision === 'string') return { sessionId, revision };
  }
  return undefined;
}

/** Returns an own member of an object, or undefined if the value has no such member or is not an object. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function sessionIdOf(answer: Observation): string | undefined {
  const sessionId = memberOf(answer['headers'], 'mcp-session-id');
  return typeof sessionId === 'string' && sessionId !== '' ? sessionId : undefined;
}

/** Sessions that cases left open in a target, with the requests that close them. */
export class LeftoverSessions {
  readonly #closings = new Map<string, McpRequest>();
  #closing: Promise<void> | undefined;

  /** Remembers a session that a response names. */
  note({ sessionId, serverId, authContext }: McpRequest, answer: Observation): void {
    const made = sessionIdOf(answer);
    if (sessionId !== '' || made === undefined) return;
    const close = { method: 'DELETE', path: '/mcp', sessionId: made, serverId, authContext };
    this.#closings.set(made, create(McpRequestSchema, close));
  }

  /** Takes over the sessions of another collection. */
  adopt(other: LeftoverSessions): void {
    for (const [sessionId, request] of other.#closings) this.#closings.set(sessionId, request);
    other.#closings.clear();
  }

  /**
   * Tries to close all sessions. Ignores the responses, because a case may have closed some sessions itself.
   * @returns whether any sessions were open, including those that another call is closing. Never rejects because of the
   * target
   */
  async close(address: Address, log: WireLog): Promise<boolean> {
    if (this.#closing === undefined && this.#closings.size === 0) return false;
    this.#closing ??= this.#close(address, log).finally(() => {
      this.#closing = undefined;
    });
    await this.#closing;
    return true;
  }

  async #close(address: Address, log: WireLog): Promise<void> {
    const closings = [...this.#closings.values()];
    this.#closings.clear();
    try {
      const signal = AbortSignal.timeout(closeMs);
      using connection = await openConnection({ address, name: 'clean-up', log, signal });
      await Promise.all(
        closings.map(async (request) => {
          if (!connection.usable) return;
          const bytes = toBinary(McpRequestSchema, request);
          await callUnary(connection, { rpc: 'CloseSession', bytes, deadlineMs: closeMs, receiveLimit });
        }),
      );
    } catch (error) {
      // An unreachable target may have no sessions left, so there is nothing to report.
      if (!(error instanceof ConnectError)) throw error;
    }
  }
}
