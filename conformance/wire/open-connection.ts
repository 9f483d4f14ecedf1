import { Connection, type ConnectionOptions } from './connection.ts';
import { HttpConnection } from './http/http-connection.ts';
import type { RuntimeConnection } from './runtime-call.ts';

/** Opens a connection with the protocol of its address. Over HTTP, the options of gRPC have no effect. @throws ConnectError */
export function openConnection(options: ConnectionOptions): Promise<RuntimeConnection> {
  return options.address.transport === 'http' ? HttpConnection.open(options) : Connection.open(options);
}
