import type { GatewayRequest, RuntimeConnection } from '../../gateway/index.ts';
import type { McpRequest } from '../../proto/index.ts';

/** A connection with some of its methods replaced. */
export function around(
  inner: RuntimeConnection,
  changes: Partial<Pick<RuntimeConnection, 'invoke' | 'invokeStream' | 'closeSession' | 'healthCheck'>>,
): RuntimeConnection {
  return {
    get connected() {
      return inner.connected;
    },
    invoke: changes.invoke ?? ((...args) => inner.invoke(...args)),
    invokeStream: changes.invokeStream ?? ((...args) => inner.invokeStream(...args)),
    closeSession: changes.closeSession ?? ((...args) => inner.closeSession(...args)),
    healthCheck: changes.healthCheck ?? ((...args) => inner.healthCheck(...args)),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

/** The first value of a header field, by lower-case name. */
export function fieldOf({ headers }: GatewayRequest, name: string): string | undefined {
  return headers.find(([field]) => field.toLowerCase() === name)?.[1].trim();
}

/** Changes of a request's header fields. */
export const onRequests = {
  /** The first of several fields of a name alone. */
  once(request: GatewayRequest, name: string): GatewayRequest {
    const first = request.headers.find(([field]) => field.toLowerCase() === name);
    return {
      ...request,
      headers: request.headers.filter((field) => field === first || field[0].toLowerCase() !== name),
    };
  },
};

/** The message with header fields that the gateway would not have let through, as they came. */
export function withFields(
  message: McpRequest,
  http: GatewayRequest,
  isMeant: (name: string) => boolean,
): McpRequest {
  const fields = http.headers.filter(([name]) => isMeant(name));
  return {
    ...message,
    headers: {
      ...message.headers,
      ...Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value.trim()])),
    },
  };
}
