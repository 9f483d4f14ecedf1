import { isFieldName, isFieldValue } from '../../base/http-fields.ts';
import { CallRefused } from '../failures/call-refused.ts';

/** Request header fields by their lower-case names. */
export type RequestHeaders = ReadonlyMap<string, string>;

const internalNames = new Set([
  'mcp-session-id',
  'x-mcp-session-id',
  'x-forwarded-internally',
  'x-original-worker',
]);

/**
 * Reads the header fields of a request: names in lower-case, whatever case they came in.
 * @throws CallRefused INVALID_ARGUMENT for a name that is no token, a value outside visible ASCII, space and tab
 *   (HEADER-4), and two names that differ in case alone (HEADER-3).
 */
export function readHeaders(fields: Readonly<Record<string, string>>): RequestHeaders {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(fields)) {
    if (!isFieldName(name)) throw invalid('a name is not a token of RFC 9110');
    const lowerCase = name.toLowerCase();
    if (!isFieldValue(value)) throw invalid(`the value of ${lowerCase} is not visible ASCII`);
    if (headers.has(lowerCase)) throw invalid(`${lowerCase} is named twice, in different case`);
    headers.set(lowerCase, value);
  }
  return headers;
}

function invalid(problem: string): CallRefused {
  return new CallRefused('INVALID_ARGUMENT', `headers: ${problem}`);
}

/** Drops the fields that must have no effect: internal ones (HEADER-5), `mcp-session-id` (SESSION-7). */
export function dropInternalHeaders(headers: RequestHeaders): RequestHeaders {
  return new Map(
    [...headers].filter(([name]) => !internalNames.has(name) && !name.startsWith('x-contextforge-')),
  );
}
