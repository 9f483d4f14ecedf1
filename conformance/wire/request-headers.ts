import type { CallOptions } from './call.ts';

/** The request headers of a gRPC call. */
export function requestHeaders(options: CallOptions): Record<string, string> {
  const headers: Record<string, string | null> = {
    ':method': 'POST',
    ':scheme': 'http',
    ':path': options.path,
    ':authority': 'localhost',
    te: 'trailers',
    'content-type': 'application/grpc',
    'user-agent': 'mcp-runtime-conformance',
    ...(options.deadlineMs === undefined ? {} : { 'grpc-timeout': `${options.deadlineMs}m` }),
    ...options.headers,
  };
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}
