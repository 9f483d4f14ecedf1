import type { CaseHead, Step } from './case.ts';

/** Requirements of a gateway case in addition to a gateway and its socket, as spelled in fixtures. */
export const gatewayNeeds = [
  'bearer',
  'identity',
  'other-bearer',
  'expired-bearer',
  'namesake-bearer',
  'withdrawn-bearer',
  'expiry',
  'no-fallback',
  'remote-address',
  'short-deadline',
] as const;

export type GatewayNeed = (typeof gatewayNeeds)[number];

/** A case for gateways: requests to send over HTTP, the script of the played runtime, and the expected effects. */
export interface GatewayCase extends CaseHead {
  readonly kind: 'gateway';
  /** Capabilities that the played runtime declares. */
  readonly capabilities: readonly string[];
  readonly gatewayNeeds: readonly GatewayNeed[];
  readonly steps: readonly Step[];
}

/** A byte string in a fixture: plain text, or one of the structured forms. */
export type WrittenBytes =
  | string
  | { readonly base64: string }
  /** Number of bytes in a deterministic sequence that contains every byte value. */
  | { readonly bytes: number }
  | { readonly repeat: string; readonly times: number };

/** The credentials that a request carries. */
export type Credentials = 'valid' | 'none' | 'wrong' | 'other' | 'expired' | 'namesake' | 'withdrawn';

/** An HTTP request in a fixture. */
export interface WrittenRequest {
  readonly method?: string;
  /** The request target, sent unchanged. */
  readonly target?: string;
  /**
   * `Name: value` in order. Characters up to U+00FF are sent as one byte each. Replaces a default field of that name.
   */
  readonly headers?: readonly string[];
  /** Raw lines sent after the header fields, for malformed requests that an HTTP client would refuse to send. */
  readonly lines?: readonly string[];
  /** Names of default header fields to leave out. */
  readonly without?: readonly string[];
  readonly body?: WrittenBytes;
  /** Framing of the body. */
  readonly transfer?: 'length' | 'chunked';
  /** The wrong `content-length` to send. */
  readonly announced?: number;
  /** Never send the end of the body. */
  readonly unfinished?: boolean;
  readonly trailers?: readonly string[];
  readonly credentials?: Credentials;
  /** `remote`: send from a non-loopback address of this machine. */
  readonly from?: 'loopback' | 'remote';
  /** Requests that name the same connection share it. */
  readonly connection?: string;
  /** Do not read the body of the response before a `resume` step. */
  readonly paused?: boolean;
}
