import { dirname, join, posix } from 'node:path';
import { variablesOf } from './environment/socket-environment.ts';
import { RunnerError, type SocketPlace, type Transport } from './runner.ts';

/**
 * Returns the variable with the path of a second socket, as the runtime sees it, in the folder of its first socket.
 * @param transport the protocol of the second socket
 */
export function secondSocketEnvironment(place: SocketPlace, transport: Transport): Record<string, string> {
  const { targetPath } = place;
  const path =
    targetPath === undefined
      ? secondSocketPath(place, transport)
      : posix.join(posix.dirname(targetPath), nameOf(transport));
  const [variable = ''] = variablesOf({ transport });
  return { [variable]: path };
}

/**
 * Returns the path of a second socket in this process.
 * @param transport the protocol of the second socket
 * @throws RunnerError if this process cannot reach the socket
 */
export function secondSocketPath({ hostPath }: SocketPlace, transport: Transport): string {
  if (hostPath !== undefined) return join(dirname(hostPath), nameOf(transport));
  throw new RunnerError(
    'unsupported',
    'The second socket in the container cannot be reached: the relay forwards only one socket.',
    'Use one transport: --transport grpc or --transport http.',
  );
}

function nameOf(transport: Transport): string {
  return `${transport}.sock`;
}
