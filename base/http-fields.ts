const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const visibleAscii = /^[\t\x20-\x7e]*$/;

/** Returns whether a text is a valid header field name, which is a token of RFC 9110. */
export function isFieldName(text: string): boolean {
  return token.test(text);
}

/** Returns whether a text is a valid header field value, with only visible ASCII, space and tab. */
export function isFieldValue(text: string): boolean {
  return visibleAscii.test(text);
}

/** Returns a header field value without surrounding white space. */
export function trimFieldValue(value: string): string {
  return isTrimmed(value) ? value : value.replace(/^[ \t]+|[ \t]+$/g, '');
}

function isTrimmed(value: string): boolean {
  return !isBlank(value.charCodeAt(0)) && !isBlank(value.charCodeAt(value.length - 1));
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Splits the values of a comma-separated header field into their members, in lower case. */
export function fieldMembers(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(',').map((member) => member.trim().toLowerCase()));
}

/** Returns the media type of a message in lower case and without parameters, or "" without `content-type`. */
export function mediaTypeOf(headers: Readonly<Record<string, string>>): string {
  const named = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type');
  return named?.[1].split(';')[0]?.trim().toLowerCase() ?? '';
}

/** Returns the media ranges of an `accept` field, except those of one type. */
export function rangesWithout(accept: string, type: string): readonly string[] {
  const ranges = accept.split(',').map((range) => range.trim());
  return ranges.filter((range) => range !== '' && range.split(';')[0]?.trim().toLowerCase() !== type);
}

/**
 * The header fields that carry the typed fields of a request message over the HTTP socket of a runtime. The runtime
 * trusts them, because only the gateway has access to the socket (LIFE-7).
 */
export const internalFields = {
  /** The server id in percent-encoded UTF-8. */
  serverId: 'x-contextforge-server-id',
  /** `McpAuthContext.encoded`. */
  authContext: 'x-contextforge-auth-context',
  /** `McpAuthContext.expires_at_epoch_ms` in decimal digits. */
  authExpiresAt: 'x-contextforge-auth-expires-at',
  /** `true` or absent. */
  affinityForwarded: 'x-contextforge-affinity-forwarded',
} as const;
