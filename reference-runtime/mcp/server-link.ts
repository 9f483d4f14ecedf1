import type { RequestRefused } from '../failures/request-refused.ts';
import type { Caller } from '../identity/caller.ts';
import type { NotificationMessage, RequestMessage, ResponseMessage } from './envelope.ts';
import type { Exchange } from './exchange.ts';
import type { RpcError } from './json-rpc-error.ts';

/** The session that an MCP server serves. None of it changes during the session. */
export interface SessionContext {
  /** The id of the session. It lets its owner use the session, so keep it out of logs. */
  readonly sessionId: string;
  /** The virtual server of the session, or "" (SESSION-5). */
  readonly serverId: string;
  /**
   * The caller that opens the session, with the claims of that call. Later calls come from the same owner, but their
   * claims may differ (AUTH-9).
   */
  readonly caller: Caller;
}

/** A request or a notification from the server. */
export interface ServerMessage {
  /** Its id as a JSON value if it is a request. */
  readonly id: string | number | undefined;
  readonly method: string;
  readonly params: unknown;
  /** The internal id of the request to which the message belongs, if the server says so. */
  readonly related: string | number | undefined;
  /** Writes the message. @param request the request to which the message belongs, if there is one */
  write(request: RequestMessage | undefined): string;
}

/** What a server reports to its connection. */
export interface ServerPort {
  /** Returns the request in flight with an internal id. */
  exchange(internalId: string | number): Exchange | undefined;
  /** Ends a request with its response. Has no effect if the request has already ended. */
  finish(internalId: number, write: (request: RequestMessage) => string): void;
  /** Reports the revision in the result of `initialize`. */
  negotiated(revision: string): void;
  /**
   * Sends a message to the caller. Resolves when the reader has room for more.
   * @throws NoOpenStream, CapabilityMissing if a request cannot be sent
   */
  send(message: ServerMessage): Promise<void>;
  /** Reports that the server cannot serve the session any more. The session ends. */
  lose(refusal: RequestRefused): void;
}

/** The MCP server of one session, as its connection sees it. */
export interface ServerLink {
  /** The resources to which the session is subscribed, if the runtime sends their updates (MCP-10). */
  readonly subscriptions?: ReadonlySet<string> | undefined;
  /** Whether the server states the request to which a message belongs. */
  readonly statesRelation: boolean;
  /** Returns the error for a request that the server must not get. The params of `initialize` have been checked. */
  refusalOf(request: RequestMessage): RpcError | undefined;
  /** Passes on a request under an internal id. */
  request(internalId: number, exchange: Exchange): void;
  notify(notification: NotificationMessage): void;
  /** Tells the server that the caller has given up a request. */
  cancel(internalId: number, reason: string): void;
  respond(response: ResponseMessage): void;
  /** Ends the server. Does not throw, and does not wait for the end of a process. */
  close(): Promise<void>;
}

/** Provides an MCP server for each session. */
export interface ServerSource {
  /** Creates the server of a session. @throws RequestRefused if there is no server for it */
  open(context: SessionContext, port: ServerPort): Promise<ServerLink>;
  /** Resolves when all servers have ended. Called once, after the last session has been closed. */
  close?(): Promise<void>;
}
