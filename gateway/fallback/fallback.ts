import type { FallbackReason as TranslationReason } from '../../client/index.ts';
import type { GatewayAnswer, GatewayRequest } from '../exchange.ts';

/** Why a request goes to the fallback: what the runtime does not serve, or that it is not there. */
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
