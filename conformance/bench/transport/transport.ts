import type { RuntimeRequest } from '../../../client/messages.ts';
import type { RequestRpc } from '../../../proto/index.ts';

/** The reason that a call failed. */
export interface Failure {
  /** The kind by which failures are counted, such as `grpc UNAVAILABLE`. */
  readonly kind: string;
  /** What happened, on one line. */
  readonly detail: string;
}

/** Receives the response to a call, as an HTTP response. */
export interface Receiver {
  /** @param fields returns the header fields by lower-case name */
  head(status: number, fields: () => Readonly<Record<string, string>>): void;
  /** @param bytes valid only during the call */
  data(bytes: Buffer): void;
  /** Called once, after everything else. */
  end(failure: Failure | undefined): void;
}

/** A request in the form of the wire. It can be sent many times, but only once at a time. */
export interface Prepared {
  /** Sets the id of the JSON-RPC message, a number of ten digits. Without effect if the request has no such id. */
  setId(id: number): void;
}

/** Calls a target, with few connections and little processor time. */
export interface Transport {
  /** Encodes a request. A body whose JSON-RPC id is `templateId` gets another id with each call. */
  prepare(rpc: RequestRpc, request: RuntimeRequest): Prepared;
  /**
   * Sends a request.
   * @param user the number of the caller. Calls of one user use the same connection, if the protocol permits that
   * @returns a function that cancels the call
   */
  send(prepared: Prepared, user: number, receiver: Receiver): () => void;
  /** Closes the connections. Calls in flight fail. */
  close(): void;
}

/** The JSON-RPC id to write into requests. Each call replaces it by one of the same length. */
export const templateId = 1_000_000_000;

/** The number of ids before they repeat. All have ten digits and fit into 31 bits. */
export const idCount = 1_000_000_000;

const idText = `"id":${templateId}`;

/** Returns the position of the id in an encoded request, or -1. */
export function idPosition(bytes: Buffer): number {
  const at = bytes.indexOf(idText, 0, 'latin1');
  return at < 0 ? -1 : at + '"id":'.length;
}

/** Writes an id of ten digits. */
export function writeId(bytes: Buffer, at: number, id: number): void {
  let rest = id;
  for (let digit = 9; digit >= 0; digit -= 1) {
    bytes[at + digit] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
