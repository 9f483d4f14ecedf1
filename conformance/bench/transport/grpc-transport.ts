import { toBinary } from '@bufbuild/protobuf';
import { errorMessage } from '../../../base/error-message.ts';
import { grpcStatusName } from '../../../base/grpc-status.ts';
import { encodeLengthPrefixed, LengthPrefixDecoder } from '../../../base/length-prefix.ts';
import type { RuntimeRequest } from '../../../client/messages.ts';
import { toMcpRequest } from '../../../client/messages.ts';
import { McpRequestSchema, type RequestRpc, requestRpcs, rpcPath } from '../../../proto/index.ts';
import type { Address } from '../../../runners/runner.ts';
import { decodeChunk, decodeEntries, decodeResponse } from './grpc-messages.ts';
import { encodeHeaderBlock } from './header-block.ts';
import { Http2Connection } from './http2-connection.ts';
import type { Http2Listener } from './http2-stream.ts';
import { idPosition, type Prepared, type Receiver, type Transport, writeId } from './transport.ts';

/** Maximum size of a response message. */
const receiveLimit = 64 * 2 ** 20;

/** Options of a transport. */
export interface TransportOptions {
  readonly address: Address;
  /** Time limit of a call in milliseconds. */
  readonly deadlineMs: number;
  /** Ends the attempt to open the transport. It may be aborted later without an effect. */
  readonly signal: AbortSignal;
}

class PreparedMessage implements Prepared {
  readonly rpc: RequestRpc;
  readonly bytes: Buffer;
  readonly #idAt: number;

  constructor(rpc: RequestRpc, bytes: Buffer) {
    this.rpc = rpc;
    this.bytes = bytes;
    this.#idAt = idPosition(bytes);
  }

  setId(id: number): void {
    if (this.#idAt >= 0) writeId(this.bytes, this.#idAt, id);
  }
}

/** Calls a runtime by gRPC. */
export class GrpcTransport implements Transport {
  readonly #options: TransportOptions;
  readonly #blocks: ReadonlyMap<RequestRpc, { readonly limited: Buffer; readonly unlimited: Buffer }>;
  readonly #connections: Http2Connection[];
  readonly #replacing = new Set<Http2Connection>();
  readonly #closing = new AbortController();

  private constructor(options: TransportOptions, connections: Http2Connection[]) {
    this.#options = options;
    this.#connections = connections;
    this.#blocks = new Map(
      requestRpcs.map((rpc) => [
        rpc,
        { limited: requestBlock(rpc, options.deadlineMs), unlimited: requestBlock(rpc) },
      ]),
    );
  }

  /**
   * @param count number of connections
   * @throws Error of the system if the target cannot be reached
   */
  static async open(options: TransportOptions, count: number): Promise<GrpcTransport> {
    const connections: Http2Connection[] = [];
    for (let index = 0; index < count; index += 1) {
      connections.push(await Http2Connection.open(options.address, options.signal));
    }
    return new GrpcTransport(options, connections);
  }

  prepare(rpc: RequestRpc, request: RuntimeRequest): PreparedMessage {
    return new PreparedMessage(
      rpc,
      encodeLengthPrefixed(toBinary(McpRequestSchema, toMcpRequest(rpc, request))),
    );
  }

  send(prepared: PreparedMessage, user: number, receiver: Receiver): () => void {
    const index = user % this.#connections.length;
    const connection = this.#connections[index];
    const block = this.#blocks.get(prepared.rpc);
    if (connection === undefined || block === undefined) throw new Error(`cannot send ${prepared.rpc}`);
    if (!connection.usable) this.#reconnect(index, connection);
    const isStream = prepared.rpc === 'InvokeStream';
    // The live stream of a session has no deadline.
    const head = isStream ? block.unlimited : block.limited;
    return connection.request(head, prepared.bytes, new GrpcCall(receiver, isStream));
  }

  close(): void {
    this.#closing.abort();
    for (const connection of [...this.#connections, ...this.#replacing]) connection.close();
  }

  /**
   * Replaces a connection that is broken or has cancelled many requests. Until then, calls on a broken connection fail
   * with the reason of its failure.
   */
  #reconnect(index: number, old: Http2Connection): void {
    if (this.#replacing.has(old)) return;
    this.#replacing.add(old);
    const { address, deadlineMs } = this.#options;
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(deadlineMs)]);
    const replace = (connection: Http2Connection) => {
      if (this.#closing.signal.aborted) return connection.close();
      this.#connections[index] = connection;
      old.retire(() => this.#replacing.delete(old));
    };
    const giveUp = () => {
      this.#replacing.delete(old);
    };
    void Http2Connection.open(address, signal).then(replace, giveUp);
  }
}

function requestBlock(rpc: RequestRpc, deadlineMs?: number): Buffer {
  return encodeHeaderBlock({
    ':method': 'POST',
    ':scheme': 'http',
    ':path': rpcPath(rpc),
    ':authority': 'localhost',
    te: 'trailers',
    'content-type': 'application/grpc',
    'user-agent': 'mcp-runtime-conformance',
    ...(deadlineMs !== undefined && { 'grpc-timeout': `${deadlineMs}m` }),
  });
}

/** Interprets the response to a call as an HTTP response. */
class GrpcCall implements Http2Listener {
  readonly #receiver: Receiver;
  readonly #isStream: boolean;
  readonly #decoder = new LengthPrefixDecoder(receiveLimit);
  #fields: ReadonlyMap<string, string> = new Map();
  #messages = 0;
  #isDone = false;
  #violation: string | undefined;

  constructor(receiver: Receiver, isStream: boolean) {
    this.#receiver = receiver;
    this.#isStream = isStream;
  }

  headers(fields: ReadonlyMap<string, string>): void {
    this.#fields = fields;
  }

  data(bytes: Buffer): void {
    try {
      for (const message of this.#decoder.push(bytes)) this.#onMessage(message);
    } catch (error) {
      this.#violation ??= errorMessage(error);
    }
  }

  end(failure: string | undefined): void {
    this.#receiver.end(this.#failureOf(failure));
  }

  #onMessage(message: Buffer): void {
    const part = this.#isStream ? decodeChunk(message) : decodeResponse(message);
    if (this.#messages === 0) {
      const status = part.errorStatus || part.status || 200;
      this.#receiver.head(status, () => decodeEntries(part.entries));
    }
    this.#messages += 1;
    this.#isDone ||= part.done;
    const { body } = part;
    if (body.length > 0) this.#receiver.data(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  }

  #failureOf(failure: string | undefined) {
    if (failure !== undefined) return { kind: kindOf(failure), detail: failure };
    const status = this.#fields.get('grpc-status');
    if (status === undefined) {
      const http = this.#fields.get(':status') ?? 'unknown';
      return {
        kind: 'no grpc-status',
        detail: `the response has no grpc-status; its HTTP status is ${http}`,
      };
    }
    if (status !== '0') {
      const name = grpcStatusName(Number(status)) ?? `status ${status}`;
      return { kind: `grpc ${name}`, detail: `${name}: ${this.#fields.get('grpc-message') ?? ''}` };
    }
    if (this.#violation !== undefined) return { kind: 'invalid message', detail: this.#violation };
    if (this.#messages === 0)
      return { kind: 'no message', detail: 'the call ended with OK but without a message' };
    return this.#isStream && !this.#isDone
      ? { kind: 'truncated', detail: 'the stream ended without a last chunk' }
      : undefined;
  }
}

function kindOf(failure: string): string {
  return /^[^:,]*/.exec(failure)?.[0] ?? failure;
}
