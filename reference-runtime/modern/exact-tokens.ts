import { randomUUID } from 'node:crypto';
import { isObject } from '../../base/is-object.ts';
import type { RequestMessage } from '../mcp/envelope.ts';

/** A request with placeholders for its id and its progress token, and the way back to the caller's own tokens. */
export interface TokenizedRequest {
  readonly message: {
    readonly jsonrpc: '2.0';
    readonly id: string;
    readonly method: string;
    readonly params?: object;
  };
  /** Replaces the placeholders in JSON text with the caller's tokens. */
  restore(text: string): string;
}

/**
 * Replaces the id and the progress token of a request with placeholders, because the SDK would write numbers beyond
 * 2^53 with other digits (JSONRPC-2). A placeholder cannot be guessed, so no other text of an answer contains it.
 */
export function withPlaceholders({ id, method, params, progressToken }: RequestMessage): TokenizedRequest {
  const tokens = new Map<string, string>();
  const placeholderOf = (token: string) => {
    const placeholder = randomUUID();
    tokens.set(`"${placeholder}"`, token);
    return placeholder;
  };
  const replaced = withProgressToken(params, progressToken, placeholderOf);
  const message = {
    jsonrpc: '2.0',
    id: placeholderOf(id),
    method,
    ...(replaced !== undefined && { params: replaced }),
  } as const;
  return {
    message,
    restore(text) {
      let restored = text;
      for (const [placeholder, token] of tokens) restored = restored.replaceAll(placeholder, () => token);
      return restored;
    },
  };
}

function withProgressToken(
  params: unknown,
  token: string | undefined,
  placeholderOf: (token: string) => string,
): object | undefined {
  if (typeof params !== 'object' || params === null) return undefined;
  const meta = isObject(params) ? params['_meta'] : undefined;
  if (token === undefined || !isObject(meta)) return params;
  const { progressToken: given } = meta;
  const isToken = typeof given === 'string' || Number.isInteger(given);
  if (!isToken) return params;
  return { ...params, _meta: { ...meta, progressToken: placeholderOf(token) } };
}
