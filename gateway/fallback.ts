import { once } from 'node:events';
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { toAbortSignal } from '../base/signal.ts';
import { headersForFallback, headersFromFallback, headerValues } from '../client/header-policy.ts';
import type { FallbackReason as TranslationReason } from '../client/index.ts';
import type { GatewayAnswer, GatewayRequest } from './exchange.ts';

/** The reason why the gateway passes a request to the fallback: the runtime does not serve it, or is unreachable. */
export type FallbackReason = TranslationReason | 'runtime-down';

/** A handler for requests that the runtime does not serve. */
export interface Fallback {
  /** Answers a request. If it throws, the gateway answers with 502. */
  handle(request: GatewayRequest): Promise<GatewayAnswer>;
  /** Releases resources. The gateway calls it when it closes. */
  close?(): void;
}

/** The response header field with the reason why the fallback answered. */
export const fallbackHeader = 'x-mcp-gateway-fallback';

/** Options of `httpFallback`. */
export interface HttpFallbackOptions {
  /** The base URL. The path of a request is appended to its path. */
  readonly url: URL;
  /** Milliseconds that the server may take to start its answer, and between two pieces of it. Default: 60 000. */
  readonly idleMs?: number | undefined;
}

/**
 * Creates a fallback that forwards requests to another HTTP server. It forwards the caller's credentials, because that
 * server does its own authentication. It drops internal fields, the forwarding chain and upgrade offers, and does not
 * follow redirects.
 * @throws TypeError for a URL whose scheme is not HTTP or HTTPS
 */
export function httpFallback({ url, idleMs = 60_000 }: HttpFallbackOptions): Fallback {
  if (!['http:', 'https:'].includes(url.protocol)) throw new TypeError(`${url.href} is not an HTTP URL`);
  const client = url.protocol === 'https:' ? https : http;
  const agent = new client.Agent({ keepAlive: true });
  return {
    handle: async (request) => {
      const outgoing = client.request(url, {
        agent,
        method: request.method,
        path: pathAt(url, request.url),
        headers: { ...headersForFallback(request.headers), host: url.host, ...framingOf(request) },
        signal: toAbortSignal(request.signal),
        timeout: idleMs,
      } satisfies RequestOptions);
      // Once the answer has started, errors reach the reader of its body.
      outgoing.on('error', () => {});
      outgoing.on('timeout', () => outgoing.destroy(new Error('the fallback exceeded its idle timeout')));
      const sent = pipeline(Readable.from(request.body), outgoing);
      // A server may answer before it has read the whole request, so a failed upload is not an error.
      sent.catch(() => {});
      const [incoming]: IncomingMessage[] = await once(outgoing, 'response');
      if (incoming === undefined) throw new Error('the fallback did not answer');
      const headers = headersFromFallback(incoming.rawHeaders);
      return { status: incoming.statusCode ?? 502, headers, body: bodyOf(incoming) };
    },
    close: () => agent.destroy(),
  };
}

function pathAt(base: URL, target: string): string {
  const path = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*(\/?)/i, '/');
  return path.startsWith('/') ? base.pathname.replace(/\/$/, '') + path : path;
}

function framingOf({ method, headers }: GatewayRequest): Record<string, string> {
  const [length] = headerValues(headers, 'content-length');
  if (length !== undefined) return { 'content-length': length };
  const isChunked = headerValues(headers, 'transfer-encoding').length > 0;
  return isChunked || !['GET', 'HEAD', 'OPTIONS'].includes(method) ? { 'transfer-encoding': 'chunked' } : {};
}

/** Returns the body of an answer. Cancelling it, even unread, closes the connection. */
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
