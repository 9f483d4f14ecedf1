import { networkInterfaces } from 'node:os';
import type { Credentials, WrittenRequest } from '../../case/gateway-case.ts';
import { bytesOf } from './bytes.ts';
import type { Field, HttpRequest } from './http-exchange.ts';

/** What the user says of the gateway, as requests need it. */
export interface Caller {
  /** The gateway's origin. */
  readonly url: URL;
  /** The fields of `--header`, on every request with valid credentials. */
  readonly fields: readonly Field[];
  readonly bearer?: string;
  readonly otherBearer?: string;
  readonly expiredBearer?: string;
}

/** An address of this machine that is no loopback address; undefined where it has none. */
export function remoteAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address;
}

const acceptOf: Readonly<Record<string, string>> = {
  POST: 'application/json, text/event-stream',
  GET: 'text/event-stream',
};

/** Completes a request that a fixture wrote: what it leaves out is as an ordinary MCP client sends it. */
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
    ...(acceptOf[method] === undefined ? [] : [['Accept', acceptOf[method]] satisfies Field]),
    ...(hasBody ? [['Content-Type', 'application/json'] satisfies Field] : []),
    ...credentialFields(written.credentials ?? 'valid', caller),
  ];
  const trailers = (written.trailers ?? []).map(fieldOf);
  const framing: Field[] =
    written.transfer === 'chunked' || trailers.length > 0
      ? [
          ['Transfer-Encoding', 'chunked'],
          ...(trailers.length > 0
            ? [['Trailer', trailers.map(([name]) => name).join(', ')] satisfies Field]
            : []),
        ]
      : hasBody
        ? [['Content-Length', String(written.announced ?? body.length)]]
        : [];
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
  }
}

function bearer(token: string | undefined): readonly Field[] {
  return token === undefined ? [] : [['Authorization', `Bearer ${token}`]];
}

/** A token of the same form whose first letter of the last third is another: in a JWT, of the signature. */
function corrupted(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const at = Math.max(token.lastIndexOf('.') + 1, Math.floor((token.length * 2) / 3));
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}

/** `Name: value` */
function fieldOf(line: string): Field {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}
