const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const visibleAscii = /^[\t\x20-\x7e]*$/;

/** Whether a text can be the name of a header field: a token of RFC 9110. */
export function isFieldName(text: string): boolean {
  return token.test(text);
}

/** Whether a text can be the value of a header field: visible ASCII, space and tab. */
export function isFieldValue(text: string): boolean {
  return visibleAscii.test(text);
}

/** The value of a header field without the white space around it. */
export function trimFieldValue(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, '');
}

/** The members of a comma-separated header field in lower-case, over all of its values. */
export function fieldMembers(values: readonly string[]): string[] {
  return values.flatMap((value) => value.split(',').map((member) => member.trim().toLowerCase()));
}

/** The media type of a message, in lower-case and without parameters; "" where none is named. */
export function mediaTypeOf(headers: Readonly<Record<string, string>>): string {
  const named = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type');
  return named?.[1].split(';')[0]?.trim().toLowerCase() ?? '';
}

/**
 * The header fields that carry, over an HTTP socket of the runtime, the typed fields that a request message has over
 * gRPC. The runtime believes them because the socket belongs to the gateway alone (LIFE-7).
 */
export const internalFields = {
  /** Percent-encoded UTF-8. */
  serverId: 'x-contextforge-server-id',
  /** As `McpAuthContext.encoded`. */
  authContext: 'x-contextforge-auth-context',
  /** As `McpAuthContext.expires_at_epoch_ms`, in digits. */
  authExpiresAt: 'x-contextforge-auth-expires-at',
  /** `true`, or absent. */
  affinityForwarded: 'x-contextforge-affinity-forwarded',
} as const;
