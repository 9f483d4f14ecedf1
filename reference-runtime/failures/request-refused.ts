import { errorData, errorResponse, rpcErrorCodes } from '../mcp/json-rpc-error.ts';
import { categoryMappings, type FailureCategory } from './call-refused.ts';

/** Details of a refusal, in addition to its category. */
export interface RefusalOptions {
  /** A stable name of the cause, in snake case. */
  readonly code: string;
  /** One line for the caller, without internal details. */
  readonly message: string;
  /** The JSON-RPC error code of the body. Default: -32000. */
  readonly rpcCode?: number;
  /** The HTTP status. Default: the status of the category. */
  readonly httpStatus?: number;
  /** The id of the request as a JSON token. Null leaves the member out (MCP 2026-07-28). Default: the token `null`. */
  readonly id?: string | null;
  /** Additional members of the error's `data`. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A failure on the HTTP layer, sent with gRPC status OK (ERROR-1). */
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

  /** Returns this refusal as the response to the request with this id. */
  withId(id: string): RequestRefused {
    return this.options.id === undefined ? new RequestRefused(this.category, { ...this.options, id }) : this;
  }

  /**
   * Returns this refusal without an id, unless it has one. In MCP 2026-07-28, an unreadable id is left out.
   * @param id the token to send in place of the id, or null to leave it out
   */
  withoutId(id: string | null = null): RequestRefused {
    return this.options.id === undefined ? new RequestRefused(this.category, { ...this.options, id }) : this;
  }

  /** Returns the body of the response: a JSON-RPC error (ERROR-2, ERROR-5). */
  body(): string {
    const { id = 'null', rpcCode: code = rpcErrorCodes.serverError, message, data } = this.options;
    return errorResponse(id, { code, message, data: { ...errorData(this.category, this.code), ...data } });
  }
}

/** Creates a refusal. @param code a stable name of the cause, in snake case. @param message one line for the caller */
export function refused(
  category: FailureCategory,
  code: string,
  message: string,
  further: Omit<RefusalOptions, 'code' | 'message'> = {},
): RequestRefused {
  return new RequestRefused(category, { code, message, ...further });
}
