import { dirname, join, posix } from 'node:path';
import { RunnerError, type SocketPlace } from './runner.ts';

/** The variable with the HTTP socket path of a runtime. */
export const httpSocketVariable = 'MCP_RUNTIME_HTTP_UDS';
const httpSocketName = 'http.sock';

/** Returns the variable with the HTTP socket path, as the runtime sees it, in the folder of its gRPC socket. */
export function httpSocketEnvironment(place: SocketPlace): Record<string, string> {
  const { targetPath } = place;
  const path =
    targetPath === undefined ? httpSocketPath(place) : posix.join(posix.dirname(targetPath), httpSocketName);
  return { [httpSocketVariable]: path };
}

/** Returns the HTTP socket path in this process. @throws RunnerError if this process cannot reach the socket */
export function httpSocketPath({ hostPath }: SocketPlace): string {
  if (hostPath !== undefined) return join(dirname(hostPath), httpSocketName);
  throw new RunnerError(
    'unsupported',
    'The HTTP socket cannot be reached in the container: the relay supports only gRPC.',
    'Use --transport grpc.',
  );
}
