import { create, toBinary } from '@bufbuild/protobuf';
import { type McpRequest, McpRequestSchema } from '../../../proto/index.ts';
import type { Address } from '../../../runners/runner.ts';
import type { Observation } from '../../observe/unary.ts';
import { ConnectError, Connection } from '../../wire/connection.ts';
import type { WireLog } from '../../wire/wire-log.ts';
import { readAll } from './read-all.ts';

/** The connection on which sessions are closed is made within this time, in milliseconds. */
const connectMs = 1_000;
/** A session is closed within this time, or left: in milliseconds. */
const closeMs = 1_000;

/** Where sessions are closed. */
export interface ClosingPlace {
  readonly address: Address;
  /** The path of `CloseSession`. */
  readonly path: string;
  readonly log: WireLog;
}

/** Sessions that are in a target and needed no more, and what it takes to close them. */
export class LeftSessions {
  readonly #closings = new Map<string, McpRequest>();
  #closing: Promise<void> | undefined;

  /** Takes note of a session that an answer names. */
  note({ sessionId, serverId, authContext }: McpRequest, answer: Observation): void {
    const { headers } = answer;
    if (sessionId !== '' || typeof headers !== 'object' || headers === null) return;
    const made: unknown = Object.entries(headers).find(([name]) => name === 'mcp-session-id')?.[1];
    if (typeof made !== 'string' || made === '') return;
    this.#closings.set(
      made,
      create(McpRequestSchema, {
        method: 'DELETE',
        path: '/mcp',
        sessionId: made,
        serverId,
        authContext,
      }),
    );
  }

  /** Takes over the sessions of another. */
  adopt(other: LeftSessions): void {
    for (const [sessionId, request] of other.#closings) this.#closings.set(sessionId, request);
    other.#closings.clear();
  }

  /**
   * Asks for all of them to be closed. What is answered does not matter: a case may have closed some itself.
   * @returns whether there were any, also such as somebody else is closing. Never rejects for what the target does
   */
  async close(place: ClosingPlace): Promise<boolean> {
    if (this.#closing === undefined && this.#closings.size === 0) return false;
    this.#closing ??= this.#close(place).finally(() => {
      this.#closing = undefined;
    });
    await this.#closing;
    return true;
  }

  async #close({ address, path, log }: ClosingPlace): Promise<void> {
    const closings = [...this.#closings.values()];
    this.#closings.clear();
    try {
      const signal = AbortSignal.timeout(connectMs);
      using connection = await Connection.open({ address, name: 'clean-up', log, signal });
      await closeOn(connection, closings, path);
    } catch (error) {
      // Whether there is anything left to clean up in what cannot be reached nobody knows.
      if (!(error instanceof ConnectError)) throw error;
    }
  }
}

async function closeOn(connection: Connection, closings: readonly McpRequest[], path: string): Promise<void> {
  await Promise.all(
    closings.map(async (request) => {
      if (!connection.usable) return;
      const call = connection.call({ path, receiveLimit: 1 << 20, deadlineMs: closeMs });
      call.send(toBinary(McpRequestSchema, request));
      call.sendEnd();
      await readAll(call);
    }),
  );
}
