import type { CaseHead, Step } from './case.ts';

/** What a case cannot do without besides a gateway and the socket, in the words of the fixtures. */
export const gatewayNeeds = [
  'bearer',
  'identity',
  'other-bearer',
  'expired-bearer',
  'expiry',
  'no-fallback',
  'remote-address',
  'short-deadline',
] as const;

export type GatewayNeed = (typeof gatewayNeeds)[number];

/** A case that is held against a gateway: what is sent over HTTP, what the played runtime does, what has to come of it. */
export interface GatewayCase extends CaseHead {
  readonly kind: 'gateway';
  /** What the played runtime declares. */
  readonly capabilities: readonly string[];
  readonly gatewayNeeds: readonly GatewayNeed[];
  readonly steps: readonly Step[];
}

/** Bytes as fixtures write them: text, or one of the other forms. */
export type WrittenBytes =
  | string
  | { readonly base64: string }
  /** So many bytes of every value, the same each time. */
  | { readonly bytes: number }
  | { readonly repeat: string; readonly times: number };

/** Whose credentials a request carries. */
export type Credentials = 'valid' | 'none' | 'wrong' | 'other' | 'expired';

/** An HTTP request as fixtures write it. */
export interface WrittenRequest {
  readonly method?: string;
  /** The request target as it goes on the wire. */
  readonly target?: string;
  /** `Name: value`, in order; characters to U+00FF are sent as one byte each. One of these takes the place of a default. */
  readonly headers?: readonly string[];
  /** Lines sent after the header fields as they are: what no HTTP client writes. */
  readonly lines?: readonly string[];
  /** Names of default header fields that are not sent. */
  readonly without?: readonly string[];
  readonly body?: WrittenBytes;
  /** How the body is transferred. */
  readonly transfer?: 'length' | 'chunked';
  /** Announced as `content-length` in place of the body's own. */
  readonly announced?: number;
  /** The end of the body is never sent. */
  readonly unfinished?: boolean;
  readonly trailers?: readonly string[];
  readonly credentials?: Credentials;
  /** `remote`: from an address of this machine that is no loopback address. */
  readonly from?: 'loopback' | 'remote';
  /** Requests of the same name share a connection. */
  readonly connection?: string;
  /** The body of the response is not read before `resume`. */
  readonly paused?: boolean;
}
