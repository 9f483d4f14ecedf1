import { modernRevisions } from './era.ts';
import { fieldValueOf } from './field-value.ts';

/** The prefix of the members of `_meta` that MCP reserves. */
const reserved = 'io.modelcontextprotocol/';

/** A request of the modern era. Missing members have their defaults. */
export interface WrittenModern {
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly id?: unknown;
  readonly version?: string;
  readonly capabilities?: object;
  /** Further members of `_meta`. Null omits a member. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** Returns a JSON-RPC request of the modern era, and the header fields that repeat its revision, method and name. */
export function modernCall(written: WrittenModern): {
  readonly headers: Readonly<Record<string, string>>;
  readonly message: Readonly<Record<string, unknown>>;
} {
  const { method = '', params, id = 1, version = modernRevisions[0], capabilities = {}, meta } = written;
  const members = {
    [`${reserved}protocolVersion`]: version,
    [`${reserved}clientCapabilities`]: capabilities,
    ...meta,
  };
  const _meta = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
  const name = params?.['name'] ?? params?.['uri'];
  return {
    headers: {
      'mcp-protocol-version': version,
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': nameField(name) }),
    },
    message: { id, method, params: { ...params, _meta } },
  };
}

/** A variable is replaced later, and its value is usually plain. */
function nameField(name: string): string {
  return name.includes('${') ? name : fieldValueOf(name);
}
