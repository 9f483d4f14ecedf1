import { isObject } from '../../../base/is-object.ts';
import type { McpRequest, RequestRpc } from '../../../proto/index.ts';
import { isLosslessNumber, parseJson, rawToken } from '../../match/json.ts';

/** Bodies beyond this size are not parsed or searched again, because most of them are padding. */
const maxRead = 1 << 16;

const decoder = new TextDecoder();

/** Returns a member of a JSON object, or undefined for any other value. */
export function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A call of a case and the parts of its request that the rules use. */
export class Exchange {
  readonly caseId: string;
  readonly rpc: RequestRpc;
  readonly request: McpRequest;
  #text: string | undefined;
  #message: unknown;

  constructor(caseId: string, rpc: RequestRpc, request: McpRequest) {
    this.caseId = caseId;
    this.rpc = rpc;
    this.request = request;
  }

  /** The body of the request, or "" if it is long. */
  get text(): string {
    const { body } = this.request;
    this.#text ??= body.length > maxRead ? '' : decoder.decode(body);
    return this.#text;
  }

  /** The JSON body of the request, or undefined. */
  get message(): unknown {
    if (this.#message === undefined && this.text !== '') {
      try {
        this.#message = parseJson(this.text);
      } catch {
        this.#message = null;
      }
    }
    return this.#message ?? undefined;
  }

  /** The method of the JSON-RPC message, or undefined. */
  get method(): string | undefined {
    const method = memberOf(this.message, 'method');
    return typeof method === 'string' ? method : undefined;
  }

  /** The id of the JSON-RPC request as a token, or undefined for any other message. */
  get idToken(): string | undefined {
    const id = memberOf(this.message, 'id');
    const isId = typeof id === 'string' || typeof id === 'number' || isLosslessNumber(id);
    return this.method !== undefined && isId ? rawToken(id) : undefined;
  }

  /** Whether the request is one of MCP 2026-07-28. */
  get isModern(): boolean {
    const metadata = memberOf(memberOf(this.message, 'params'), '_meta');
    return (
      memberOf(metadata, 'io.modelcontextprotocol/protocolVersion') !== undefined ||
      Object.entries(this.request.headers).some(
        ([name, value]) => name.toLowerCase() === 'mcp-protocol-version' && value.trim() === '2026-07-28',
      )
    );
  }

  /** The name of the call, for messages. */
  get label(): string {
    const what = this.method ?? this.request.method;
    return `${this.rpc}${what === '' ? '' : ` ${what}`} in ${this.caseId}`;
  }
}
