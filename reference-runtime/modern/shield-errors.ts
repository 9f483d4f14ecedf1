import { isObject } from '../../base/is-object.ts';
import {
  invalidParams,
  methodNotFound,
  type RpcError,
  rpcError,
  rpcErrorCodes,
} from '../mcp/json-rpc-error.ts';

const messageLine = /^(data: )?(\{.*)$/gm;

/** Replaces the errors that the SDK creates, because some of their texts quote a validator (ERROR-3, ERROR-5). */
export function shieldErrors(text: string): string {
  if (!text.includes('"error":')) return text;
  return text.replaceAll(messageLine, (line: string, field: string | undefined, json: string) => {
    const message = JSON.parse(json);
    const shielded = isObject(message.error) ? replacementOf(message.error) : undefined;
    return shielded === undefined ? line : (field ?? '') + JSON.stringify({ ...message, error: shielded });
  });
}

/** Returns the error to send instead of an error of the SDK. Errors of this runtime have data. */
function replacementOf({ code, message, data }: Readonly<Record<string, unknown>>): RpcError | undefined {
  if (isObject(data)) {
    const { envelope } = data;
    return code === rpcErrorCodes.invalidParams && isObject(envelope)
      ? invalidParams(`params._meta: missing or invalid: ${membersOf(envelope)}`)
      : undefined;
  }
  switch (code) {
    case rpcErrorCodes.methodNotFound:
      return methodNotFound();
    case rpcErrorCodes.invalidParams:
      return invalidParams('Invalid params');
    case rpcErrorCodes.internalError:
      return isValidatorReport(message)
        ? invalidParams('Invalid params')
        : rpcError('INTERNAL', 'internal_error', rpcErrorCodes.internalError, 'Internal error');
    default:
      return undefined;
  }
}

function membersOf({ missing, key }: Readonly<Record<string, unknown>>): string {
  return Array.isArray(missing) ? missing.join(', ') : String(key);
}

/** Returns whether a text lists the mismatches of a validator. The SDK sends it as the text of an internal error. */
function isValidatorReport(text: unknown): boolean {
  try {
    return Array.isArray(JSON.parse(String(text)));
  } catch {
    return false;
  }
}
