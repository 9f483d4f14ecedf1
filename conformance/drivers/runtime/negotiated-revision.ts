import type { Observation } from '../../observe/unary.ts';

/** The revision that the handshake of a session agreed on. */
export interface NegotiatedRevision {
  readonly sessionId: string;
  readonly revision: string;
}

/** What an answer to `initialize` says of the session it made (INIT-1), whole or as a stream; undefined for any other. */
export function negotiatedRevision(answer: Observation): NegotiatedRevision | undefined {
  const sessionId = memberOf(answer['headers'], 'mcp-session-id');
  if (typeof sessionId !== 'string' || sessionId === '') return undefined;
  const { message: only, messages } = answer;
  for (const message of [only, ...(Array.isArray(messages) ? messages : [])]) {
    const revision = memberOf(memberOf(message, 'result'), 'protocolVersion');
    if (typeof revision === 'string') return { sessionId, revision };
  }
  return undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
