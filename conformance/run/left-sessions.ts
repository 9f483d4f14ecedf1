import { create, toBinary } from '@bufbuild/protobuf';
import { type McpRequest, McpRequestSchema } from '../../proto/index.ts';
import type { Observation } from '../observe/unary.ts';
import type { Connection } from '../wire/connection.ts';
import { readAll } from './read-all.ts';

/** A session is closed within this time, or left: in milliseconds. */
const closeMs = 1_000;

/** The sessions that a case has made in a target which lives on after the run, and what it takes to close them. */
export class LeftSessions {
  readonly #closings = new Map<string, McpRequest>();

  /** How many there are. */
  get size(): number {
    return this.#closings.size;
  }

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
        ...(authContext === undefined ? {} : { authContext }),
      }),
    );
  }

  /** Asks for all of them to be closed. What is answered does not matter: a case may have closed some itself. */
  async close(connection: Connection, path: string): Promise<void> {
    const closings = [...this.#closings.values()];
    this.#closings.clear();
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
}
