import { invalidParams, rpcErrorCodes } from '../mcp/json-rpc-error.ts';

const messageLine = /^(data: )?(\{.*)$/gm;

/** Replaces the text of errors that the SDK creates for invalid params, because it quotes a validator (ERROR-3). */
export function shieldErrors(text: string): string {
  if (!text.includes('"error":')) return text;
  return text.replaceAll(messageLine, (line: string, field: string | undefined, json: string) => {
    const message = JSON.parse(json);
    const { error } = message;
    if (error?.code !== rpcErrorCodes.invalidParams || error.data !== undefined) return line;
    return (field ?? '') + JSON.stringify({ ...message, error: invalidParams('Invalid params') });
  });
}
