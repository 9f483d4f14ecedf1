import type { AuthContext, HeaderPair } from '../../client/index.ts';

/** What an authenticator sees of a request: everything but the body. */
export interface AuthenticationRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly HeaderPair[];
  readonly peerAddress: string | undefined;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
}

/** Who calls, as an authenticator found out. */
export type Authentication =
  /** Somebody; `encodeAuthContext` makes the context. */
  | { readonly kind: 'authenticated'; readonly authContext: AuthContext }
  /** Nobody: the request shows no credentials. The policy for such callers decides. */
  | { readonly kind: 'anonymous' }
  /** Credentials that do not hold: never treated as none. */
  | {
      readonly kind: 'refused';
      /** One line for the caller, without anything of the credentials. */
      readonly message: string;
      /** The header field `www-authenticate`. */
      readonly challenge?: string;
    };

/** Establishes who calls. What it throws is answered 503: whether the credentials hold could not be found out. */
export interface Authenticator {
  authenticate(request: AuthenticationRequest): Promise<Authentication>;
  /** The header field `www-authenticate` for callers that show no credentials and have to. Default: `Bearer`. */
  readonly challenge?: string;
}

/** What is done for callers without identity: they are served without an auth context, or answered 401. */
export type AnonymousPolicy = 'allow' | 'refuse';
