import { once } from 'node:events';
import { createConnection, type NetConnectOpts, type Socket } from 'node:net';
import { errorMessage } from '../../base/error-message.ts';
import type { Address } from '../../runners/runner.ts';

/**
 * Thrown if the attempt to connect failed or the connection has ended. `code` is the system's error code (ENOENT,
 * ECONNREFUSED, EACCES…), or ABORTED, PROTOCOL or CLOSED.
 */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** `unix:/run/x.sock` or `127.0.0.1:5000`. */
export function describeAddress(address: Address): string {
  return address.kind === 'unix' ? `unix:${address.path}` : `${address.host}:${address.port}`;
}

/** Returns the options of `net.createConnection` for an address. */
export function socketOptions(address: Address): NetConnectOpts {
  return address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
}

/** Connects a socket. @throws ConnectError */
export async function connectSocket(address: Address, signal: AbortSignal): Promise<Socket> {
  const aborted = () => new ConnectError('ABORTED', 'the attempt to connect was aborted');
  if (signal.aborted) throw aborted();
  const socket = createConnection(socketOptions(address));
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw aborted();
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    throw new ConnectError(code, errorMessage(error));
  }
}
