import { type HttpMethod, httpMethods, type McpRequest, type RequestRpc } from '../../proto/index.ts';
import { CallRefused } from '../failures/call-refused.ts';

/**
 * Checks the typed fields of a request for control characters.
 *
 * @throws CallRefused INVALID_ARGUMENT (RPC-9).
 */
export function checkFields(request: McpRequest): void {
  const fields = [
    ['method', request.method],
    ['path', request.path],
    ['query', request.query],
    ['server_id', request.serverId],
    ['session_id', request.sessionId],
  ] as const;
  for (const [name, value] of fields) {
    if (/\p{Cc}/u.test(value)) {
      throw new CallRefused('INVALID_ARGUMENT', `${name}: has a control character`);
    }
  }
}

/**
 * The HTTP method of a call: the RPC decides, an empty `method` agrees with it.
 *
 * @throws CallRefused INVALID_ARGUMENT where `method` says something else (RPC-5).
 */
export function readMethod(rpc: RequestRpc, method: string): HttpMethod {
  const methods = httpMethods[rpc];
  if (method === '') return methods[0];
  const agreed = methods.find((name) => name === method);
  if (agreed === undefined) {
    throw new CallRefused('INVALID_ARGUMENT', `method: ${rpc} stands for ${methods.join(' or ')}`);
  }
  return agreed;
}
