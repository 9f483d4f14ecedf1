import { RequestRefused } from '../failures/request-refused.ts';
import { rpcErrorCodes } from '../mcp/json-rpc-error.ts';
import { servedRevisions } from '../mcp/revisions.ts';
import type { RequestHeaders } from './headers.ts';

/**
 * Checks the header field `mcp-protocol-version`. Its absence is fine (INIT-7).
 *
 * @throws RequestRefused 400 where it names a revision that is not served (INIT-6).
 */
export function checkProtocolVersion(headers: RequestHeaders): void {
  const revision = headers.get('mcp-protocol-version');
  if (revision === undefined || servedRevisions.some((served) => served === revision)) return;
  throw new RequestRefused('INVALID_ARGUMENT', {
    code: 'protocol_version_not_served',
    rpcCode: rpcErrorCodes.serverError,
    message: `mcp-protocol-version: not served; served are ${servedRevisions.join(', ')}`,
    data: { supported: servedRevisions },
  });
}
