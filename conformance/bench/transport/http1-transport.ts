import { internalFields } from '../../../base/http-fields.ts';
import type { RuntimeRequest } from '../../../client/messages.ts';
import type { RequestRpc } from '../../../proto/index.ts';
import { httpMethods } from '../../../proto/index.ts';
import type { TransportOptions } from './grpc-transport.ts';
import { Http1Connection } from './http1-connection.ts';
import { idPosition, type Prepared, type Receiver, type Transport, writeId } from './transport.ts';

/** The server that answers: the HTTP socket of a runtime, or a gateway, which trusts no internal fields. */
export type HttpServerKind = 'runtime' | 'gateway';

class PreparedBytes implements Prepared {
  readonly bytes: Buffer;
  readonly #idAt: number;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.#idAt = idPosition(bytes);
  }

  setId(id: number): void {
    if (this.#idAt >= 0) writeId(this.bytes, this.#idAt, id);
  }
}

/** Calls a runtime or a gateway by HTTP/1.1, with one connection for each call in flight. */
export class Http1Transport implements Transport {
  readonly #options: TransportOptions;
  readonly #kind: HttpServerKind;
  readonly #all = new Set<Http1Connection>();
  readonly #idle: Http1Connection[] = [];

  constructor(options: TransportOptions, kind: HttpServerKind) {
    this.#options = options;
    this.#kind = kind;
  }

  prepare(rpc: RequestRpc, request: RuntimeRequest): PreparedBytes {
    const body = Buffer.from(request.body ?? '');
    const method = request.method ?? httpMethods[rpc][0];
    const { address } = this.#options;
    const fields: Record<string, string> = {
      host: address.kind === 'tcp' ? `${address.host}:${address.port}` : 'runtime',
      ...request.headers,
      ...(request.sessionId && { 'mcp-session-id': request.sessionId }),
      ...(this.#kind === 'runtime' && internalFieldsOf(request)),
      'content-length': String(body.length),
    };
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `${method} ${request.path ?? '/mcp'} HTTP/1.1\r\n${lines.join('')}\r\n`;
    return new PreparedBytes(Buffer.concat([Buffer.from(head, 'latin1'), body]));
  }

  send(prepared: PreparedBytes, _user: number, receiver: Receiver): () => void {
    return this.#connection().send(prepared.bytes, receiver);
  }

  close(): void {
    for (const connection of this.#all) connection.close();
    this.#all.clear();
  }

  /** Returns an idle connection. A server may have closed it in the meantime. */
  #connection(): Http1Connection {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.usable) return idle;
      this.#all.delete(idle);
    }
    const connection = new Http1Connection(this.#options.address, (one) => this.#idle.push(one));
    this.#all.add(connection);
    return connection;
  }
}

function internalFieldsOf({
  serverId,
  authContext,
  affinityForwarded,
}: RuntimeRequest): Record<string, string> {
  return {
    ...(serverId && { [internalFields.serverId]: encodeURIComponent(serverId) }),
    ...(affinityForwarded && { [internalFields.affinityForwarded]: 'true' }),
    ...(authContext && {
      [internalFields.authContext]: authContext.encoded,
      [internalFields.authExpiresAt]: String(authContext.expiresAtEpochMs),
    }),
  };
}
