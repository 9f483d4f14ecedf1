import { create, toBinary } from '@bufbuild/protobuf';
import { type McpRequest, McpRequestSchema } from '../../../proto/index.ts';
import type { Address } from '../../../runners/runner.ts';
import type { Observation } from '../../observe/unary.ts';
import { ConnectError, Connection } from '../../wire/connection.ts';
import type { WireLog } from '../../wire/wire-log.ts';
import { callUnary } from './unary-call.ts';

/** The kit connects to close sessions within this time, and closes each within it or leaves it: in milliseconds. */
const closeMs = 1_000;
/** The largest answer taken, in bytes. */
const receiveLimit = 1 << 20;

/** The session that an answer to `initialize` made (INIT-1), whole or as a stream; undefined for any other answer. */
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

/** A member of an object's own; undefined where there is no such member or no object. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

function sessionIdOf(answer: Observation): string | undefined {
  const sessionId = memberOf(answer['headers'], 'mcp-session-id');
  return typeof sessionId === 'string' && sessionId !== '' ? sessionId : undefined;
}

/** Sessions that cases have left open in a target, with the requests that close them. */
export class LeftoverSessions {
  readonly #closings = new Map<string, McpRequest>();
  #closing: Promise<void> | undefined;

  /** Takes note of a session that an answer names. */
  note({ sessionId, serverId, authContext }: McpRequest, answer: Observation): void {
    const made = sessionIdOf(answer);
    if (sessionId !== '' || made === undefined) return;
    const close = { method: 'DELETE', path: '/mcp', sessionId: made, serverId, authContext };
    this.#closings.set(made, create(McpRequestSchema, close));
  }

  /** Takes over the sessions of another. */
  adopt(other: LeftoverSessions): void {
    for (const [sessionId, request] of other.#closings) this.#closings.set(sessionId, request);
    other.#closings.clear();
  }

  /**
   * Asks for all of them to be closed. The answers do not matter: a case may have closed some itself.
   * @returns whether there were any, including those that another caller is closing. Never rejects for what the target does
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
      using connection = await Connection.open({ address, name: 'clean-up', log, signal });
      await Promise.all(
        closings.map(async (request) => {
          if (!connection.usable) return;
          const bytes = toBinary(McpRequestSchema, request);
          await callUnary(connection, { rpc: 'CloseSession', bytes, deadlineMs: closeMs, receiveLimit });
        }),
      );
    } catch (error) {
      // Nobody knows whether a target that cannot be reached has anything left to clean up.
      if (!(error instanceof ConnectError)) throw error;
    }
  }
}
