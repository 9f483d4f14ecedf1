/** The form of a header field value that MCP 2026-07-28 encodes: UTF-8 in base64. */
const encoded = /^=\?base64\?(?<text>[A-Za-z0-9+/]*={0,2})\?=$/;

/** Returns a text as the value of a header field such as `mcp-name`, encoded if a header field cannot carry it. */
export function fieldValueOf(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !encoded.test(text);
  return isPlain ? text : encodedValueOf(text);
}

/** Returns a text as an encoded value. */
export function encodedValueOf(text: string): string {
  return `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

/** Returns the text of an encoded value, or undefined for any other value. */
export function decodedTextOf(value: string): string | undefined {
  const text = encoded.exec(value)?.groups?.['text'];
  return text === undefined ? undefined : Buffer.from(text, 'base64').toString();
}
