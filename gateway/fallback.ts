import { once } from 'node:events';
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { headersForFallback, headersFromFallback, headerValues } from '../client/header-policy.ts';
import type { FallbackReason as TranslationReason } from '../client/index.ts';
import type { GatewayAnswer, GatewayRequest } from './exchange.ts';

/** Why a request goes to the fallback: the runtime does not serve it, or is unavailable. */
export type FallbackReason = TranslationReason | 'runtime-down';

/** Takes the requests that are not for the runtime. */
export interface Fallback {
  /** @throws Error where it does not answer, which becomes a 502 */
  handle(request: GatewayRequest): Promise<GatewayAnswer>;
  /** Releases what it holds; the gateway that has it closes it. */
  close?(): void;
}

/** The header field that tells a caller that the fallback answered, and why. */
export const fallbackHeader = 'x-mcp-gateway-fallback';

/** Another HTTP server that takes what the runtime does not. */
export interface HttpFallbackOptions {
  /** Its URL; the path of a request is put after that of the URL. */
  readonly url: URL;
  /** How long it may take to begin its answer, and be silent in it, in milliseconds. Default: 60 000. */
  readonly idleMs?: number | undefined;
}

/**
 * Passes requests on to another HTTP server, with the caller's credentials: that server authenticates for itself.
 * Internal fields, the forwarding chain and an offer to upgrade are left out. Its redirects are the caller's to follow.
 * @throws TypeError for a URL that is not of HTTP
 */
export function httpFallback({ url, idleMs = 60_000 }: HttpFallbackOptions): Fallback {
  if (!['http:', 'https:'].includes(url.protocol)) throw new TypeError(`${url.href} is no URL of HTTP`);
  const client = url.protocol === 'https:' ? https : http;
  const agent = new client.Agent({ keepAlive: true });
  return {
    handle: async (request) => {
      const outgoing = client.request(url, {
        agent,
        method: request.method,
        path: pathAt(url, request.url),
        headers: { ...headersForFallback(request.headers), host: url.host, ...framingOf(request) },
        signal: request.signal,
        timeout: idleMs,
      } satisfies RequestOptions);
      // What comes after the answer has begun, its body tells.
      outgoing.on('error', () => {});
      outgoing.on('timeout', () => outgoing.destroy(new Error('the fallback was silent for too long')));
      const sent = pipeline(Readable.from(request.body), outgoing);
      // A server may answer before it has read everything: whether it answers is what counts.
      sent.catch(() => {});
      const [incoming]: IncomingMessage[] = await once(outgoing, 'response');
      if (incoming === undefined) throw new Error('the fallback gave no answer');
      const headers = headersFromFallback(incoming.rawHeaders);
      return { status: incoming.statusCode ?? 502, headers, body: bodyOf(incoming) };
    },
    close: () => agent.destroy(),
  };
}

function pathAt(base: URL, target: string): string {
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  return path.startsWith('/') ? base.pathname.replace(/\/$/, '') + path : path;
}

function framingOf({ method, headers }: GatewayRequest): Record<string, string> {
  const [length] = headerValues(headers, 'content-length');
  if (length !== undefined) return { 'content-length': length };
  const isChunked = headerValues(headers, 'transfer-encoding').length > 0;
  return isChunked || !['GET', 'HEAD', 'OPTIONS'].includes(method) ? { 'transfer-encoding': 'chunked' } : {};
}

/** The body of an answer; leaving it, also unread, ends its connection. */
function bodyOf(incoming: IncomingMessage): AsyncIterableIterator<Uint8Array> {
  const bytes: AsyncIterator<Uint8Array> = incoming[Symbol.asyncIterator]();
  return {
    next: () => bytes.next(),
    async return() {
      if (!incoming.readableEnded) incoming.destroy();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
