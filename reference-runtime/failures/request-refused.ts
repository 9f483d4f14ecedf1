import { errorData, errorResponse, rpcErrorCodes } from '../mcp/json-rpc-error.ts';
import { categoryMappings, type FailureCategory } from './call-refused.ts';

/** What a refusal says beyond its category. */
export interface RefusalOptions {
  /** A stable name of the cause, in snake case. */
  readonly code: string;
  /** One line for the caller, without anything of the inside. */
  readonly message: string;
  /** The JSON-RPC error code of the body. Default: -32000. */
  readonly rpcCode?: number;
  /** The HTTP status, where it is not the category's own. */
  readonly httpStatus?: number;
  /** The JSON token of the request's id. Default: `null`. */
  readonly id?: string;
  /** Further members of the error's `data`. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A failure on the HTTP layer: MCP over HTTP says no, with gRPC OK (ERROR-1). */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly code: string;
  readonly category: FailureCategory;
  readonly httpStatus: number;
  readonly options: RefusalOptions;

  constructor(category: FailureCategory, options: RefusalOptions) {
    super(options.message);
    this.category = category;
    this.code = options.code;
    this.httpStatus = options.httpStatus ?? categoryMappings[category].httpStatus;
    this.options = options;
  }

  /** The same refusal as an answer to the request with this id. */
  withId(id: string): RequestRefused {
    return this.options.id === undefined ? new RequestRefused(this.category, { ...this.options, id }) : this;
  }

  /** The JSON-RPC error response that is the body of the answer (ERROR-2, ERROR-5). */
  body(): string {
    const { id = 'null', rpcCode: code = rpcErrorCodes.serverError, message, data } = this.options;
    return errorResponse(id, { code, message, data: { ...errorData(this.category, this.code), ...data } });
  }
}

/** A refusal with a stable name of its cause and one line for the caller. */
export function refused(
  category: FailureCategory,
  code: string,
  message: string,
  further: Omit<RefusalOptions, 'code' | 'message'> = {},
): RequestRefused {
  return new RequestRefused(category, { code, message, ...further });
}
