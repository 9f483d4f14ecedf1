import type { Credentials, WrittenRequest } from '../../case/gateway-case.ts';
import { type Caller, remoteAddress } from './facilities.ts';
import type { Field, HttpRequest } from './http-exchange.ts';
import { bytesOf } from './observe.ts';

const acceptOf: Readonly<Record<string, string>> = {
  POST: 'application/json, text/event-stream',
  GET: 'text/event-stream',
};

/** Completes a request from a fixture with the defaults of an ordinary MCP client. */
export function completeRequest(written: WrittenRequest, caller: Caller): HttpRequest {
  const method = written.method ?? 'POST';
  const body = bytesOf(written.body);
  const own = (written.headers ?? []).map(fieldOf);
  const left = new Set(
    [...own.map(([name]) => name), ...(written.without ?? [])].map((name) => name.toLowerCase()),
  );
  const hasBody = written.body !== undefined || method === 'POST';
  const defaults: Field[] = [
    ['Host', caller.url.host],
    ...optional('Accept', acceptOf[method]),
    ...optional('Content-Type', hasBody ? 'application/json' : undefined),
    ...credentialFields(written.credentials ?? 'valid', caller),
  ];
  const trailers = (written.trailers ?? []).map(fieldOf);
  const isChunked = written.transfer === 'chunked' || trailers.length > 0;
  const length = hasBody ? String(written.announced ?? body.length) : undefined;
  const framing = [
    ...optional('Transfer-Encoding', isChunked ? 'chunked' : undefined),
    ...optional('Trailer', trailers.map(([name]) => name).join(', ') || undefined),
    ...optional('Content-Length', isChunked ? undefined : length),
  ];
  return {
    method,
    target: written.target ?? '/mcp',
    fields: [...defaults.filter(([name]) => !left.has(name.toLowerCase())), ...own, ...framing],
    lines: written.lines ?? [],
    body,
    trailers,
    unfinished: written.unfinished ?? false,
    localAddress: written.from === 'remote' ? remoteAddress() : undefined,
    paused: written.paused ?? false,
  };
}

function credentialFields(credentials: Credentials, caller: Caller): readonly Field[] {
  switch (credentials) {
    case 'valid':
      return [...caller.fields, ...bearer(caller.bearer)];
    case 'none':
      return [];
    case 'wrong':
      return bearer(corrupted(caller.bearer));
    case 'other':
      return bearer(caller.otherBearer);
    case 'expired':
      return bearer(caller.expiredBearer);
    case 'namesake':
      return bearer(caller.namesakeBearer);
    case 'withdrawn':
      return bearer(caller.withdrawnBearer);
  }
}

function bearer(token: string | undefined): readonly Field[] {
  return optional('Authorization', token === undefined ? undefined : `Bearer ${token}`);
}

function optional(name: string, value: string | undefined): readonly Field[] {
  return value === undefined ? [] : [[name, value]];
}

/** Changes one letter at the start of the last third of a token. In a JWT, this invalidates the signature. */
function corrupted(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const at = Math.max(token.lastIndexOf('.') + 1, Math.floor((token.length * 2) / 3));
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}

/** Parses `Name: value`. */
function fieldOf(line: string): Field {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}
