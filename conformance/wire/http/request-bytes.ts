import { fromBinary } from '@bufbuild/protobuf';
import { internalFields, rangesWithout } from '../../../base/http-fields.ts';
import { httpMethods, type McpRequest, McpRequestSchema, type RequestRpc } from '../../../proto/index.ts';
import { NotExpressibleError } from '../runtime-call.ts';

/** The request target of a health check (HTTP-2). */
export const healthTarget = '/health';
const eventStream = 'text/event-stream';

/** Fields that the kit writes itself, because they frame the request or carry a typed field of the message (HTTP-4). */
const ownFields: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'expect',
  'upgrade',
  'mcp-session-id',
  ...Object.values(internalFields),
]);

/** An HTTP/1.1 request. */
export interface HttpRequest {
  /** The request line, for the wire log. */
  readonly line: string;
  readonly method: string;
  readonly bytes: Buffer;
}

/** Returns the request for a health check. */
export function healthRequest(): HttpRequest {
  return requestOf('GET', healthTarget, [['host', 'runtime']]);
}

/**
 * Translates an encoded `McpRequest` to an HTTP/1.1 request (HTTP-3, HTTP-4).
 * @throws NotExpressibleError if a request cannot carry a part of the message
 */
export function httpRequestOf(rpc: RequestRpc, encoded: Uint8Array): HttpRequest {
  const message = fromBinary(McpRequestSchema, encoded);
  const method = methodOf(rpc, message.method);
  const target = targetOf(message, method);
  const { body } = message;
  const fields: readonly Field[] = [
    ['host', 'runtime'],
    ...headersOf(message, rpc, method),
    ...typedFields(message),
    ...(body.length > 0 || method === 'POST' ? [['content-length', String(body.length)] as const] : []),
  ];
  return requestOf(method, target, fields, body);
}

type Field = readonly [name: string, value: string];

function requestOf(
  method: string,
  target: string,
  fields: readonly Field[],
  body: Uint8Array = new Uint8Array(),
): HttpRequest {
  const line = `${method} ${target} HTTP/1.1`;
  const head = [line, ...fields.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
  return { line, method, bytes: Buffer.concat([Buffer.from(head, 'utf8'), body]) };
}

function methodOf(rpc: RequestRpc, written: string): string {
  if (written === '') return httpMethods[rpc][0];
  if (httpMethods[rpc].some((each) => each === written)) return written;
  throw new NotExpressibleError(
    `the method ${JSON.stringify(written)} of ${rpc} means another call over HTTP`,
  );
}

function targetOf({ path, query }: McpRequest, method: string): string {
  // The query of a target follows the first "?", and a target has no fragment (RFC 9112 section 3.2).
  if (!/^\/[!-~]*$/.test(path) || /[?#]/.test(path))
    throw new NotExpressibleError(`a request target cannot carry the path ${JSON.stringify(path)}`);
  if (!/^[!-~]*$/.test(query) || query.includes('#'))
    throw new NotExpressibleError(`a request target cannot carry the query ${JSON.stringify(query)}`);
  if (path === healthTarget && method === 'GET')
    throw new NotExpressibleError(`GET ${healthTarget} is the health check over HTTP`);
  return query === '' ? path : `${path}?${query}`;
}

function headersOf({ headers }: McpRequest, rpc: RequestRpc, method: string): readonly Field[] {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  if (new Set(names).size < names.length)
    throw new NotExpressibleError('fields whose names differ only in case are one field over HTTP');
  const fields = Object.entries(headers).map(([name, value]): Field => {
    const lower = name.toLowerCase();
    if (ownFields.has(lower))
      throw new NotExpressibleError(`the field ${lower} has another meaning over HTTP`);
    if (lower === 'host') throw new NotExpressibleError('the field host names the server over HTTP');
    if (name === '' || /[:\r\n\0]/.test(name))
      throw new NotExpressibleError(`a field line cannot carry the name ${JSON.stringify(name)}`);
    return [name, carried(name, value)];
  });
  return method === 'POST' ? withAccept(fields, rpc) : fields;
}

/** The `accept` of a POST decides between `Invoke` and `InvokeStream` (HTTP-3). */
function withAccept(fields: readonly Field[], rpc: RequestRpc): readonly Field[] {
  const isAccept = ([name]: Field) => name.toLowerCase() === 'accept';
  const accept = fields.find(isAccept)?.[1];
  const ranges = rangesWithout(accept ?? '', '');
  const others = rangesWithout(accept ?? '', eventStream);
  const streams = others.length < ranges.length;
  if (streams === (rpc === 'InvokeStream')) return fields;
  const rest = fields.filter((field) => !isAccept(field));
  if (rpc === 'InvokeStream')
    return [...rest, ['accept', accept === undefined ? eventStream : `${accept}, ${eventStream}`]];
  return others.length === 0 ? rest : [...rest, ['accept', others.join(', ')]];
}

function typedFields({ serverId, sessionId, affinityForwarded, authContext }: McpRequest): readonly Field[] {
  const fields: Field[] = [];
  if (sessionId !== '') fields.push(['mcp-session-id', text('session_id', sessionId)]);
  if (serverId !== '') fields.push([internalFields.serverId, encodeURIComponent(serverId)]);
  if (affinityForwarded) fields.push([internalFields.affinityForwarded, 'true']);
  if (authContext === undefined) return fields;
  const { encoded, expiresAtEpochMs } = authContext;
  fields.push([internalFields.authContext, carried(internalFields.authContext, encoded)]);
  if (expiresAtEpochMs > 0n) fields.push([internalFields.authExpiresAt, String(expiresAtEpochMs)]);
  return fields;
}

/** @throws NotExpressibleError unless the text is a field value that a server reads unchanged */
function text(name: string, value: string): string {
  if (/^[\t\x20-\x7e]*$/.test(value)) return carried(name, value);
  throw new NotExpressibleError(`a header field cannot carry the ${name} ${JSON.stringify(value)}`);
}

/**
 * Returns the value of a field. Line breaks would end it, and servers trim the blanks around it.
 * @throws NotExpressibleError if the value would not arrive unchanged
 */
function carried(name: string, value: string): string {
  if (!/[\r\n\0]/.test(value) && value === value.replace(/^[ \t]+|[ \t]+$/g, '')) return value;
  throw new NotExpressibleError(`a header field cannot carry the value ${JSON.stringify(value)} of ${name}`);
}
