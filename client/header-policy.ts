import { fieldMembers, isFieldName, isFieldValue, trimFieldValue } from '../base/http-fields.ts';
import { ContractViolationError } from './errors.ts';

// Which header fields pass between a caller, the runtime and a fallback. Every rule about a field is in this file.

/**
 * Header fields of an HTTP request, in any of the forms they come in: a `Headers` object or any other iterable of
 * `[name, value]`, Node's `rawHeaders` (names and values in turn), or an object such as Node's `headers`.
 */
export type HeaderSource =
  | Iterable<readonly [name: string, value: string]>
  | readonly string[]
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** A header field as it came: the name in its own spelling. */
export type HeaderPair = readonly [name: string, value: string];

/** Fields of one connection alone (RFC 9110 section 7.6.1). */
export const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const framing = ['content-length'];
const credentials = ['authorization', 'cookie'];

/** Request fields that neither the runtime nor a fallback gets; names are compared as `comparable` writes them. */
const dropped: ReadonlySet<string> = new Set([
  ...hopByHop,
  ...framing,
  ...credentials,
  'host',
  'forwarded',
  'x-mcp-session-id',
  'x-original-worker',
]);
// `x-forwarded-` covers the forwarding chain and the internal x-forwarded-internally alike.
const droppedPrefixes = ['x-forwarded-', 'x-contextforge-'];

/** Clients stop at 16 KiB or not far beyond, without a useful message. */
const maxHeaderBytes = 64 * 1024;

/** The fields of any {@link HeaderSource}, one pair for each occurrence, in order. */
export function headerPairs(source: HeaderSource): HeaderPair[] {
  if (!isIterable(source)) {
    return Object.entries(source).flatMap(([name, value]) =>
      (typeof value === 'string' ? [value] : (value ?? [])).map((single): HeaderPair => [name, single]),
    );
  }
  return [...source].flatMap((field, at, fields): HeaderPair[] => {
    if (typeof field !== 'string') return [field];
    return at % 2 === 0 ? [] : [[String(fields[at - 1]), field]];
  });
}

function isIterable(source: HeaderSource): source is Iterable<HeaderPair | string> & HeaderSource {
  return Symbol.iterator in source;
}

/** The values of a header field, in order. `name` in lower-case. */
export function headerValues(source: HeaderSource, name: string): string[] {
  return headerPairs(source)
    .filter(([field]) => field.toLowerCase() === name)
    .map(([, value]) => trimFieldValue(value));
}

/**
 * How a name is compared with those to drop. An underscore counts as a hyphen: servers of the CGI tradition make one
 * name of both, so `X_ContextForge_Auth` must not get past a gateway that looks for hyphens.
 */
function comparable(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/**
 * The header fields that go to the runtime (CLIENT-4 to CLIENT-6): names in lower-case, a repeated field joined with ",
 * " in order. Left out are `cookie` and `authorization`, hop-by-hop fields with those that `connection` names, `host`,
 * `content-length`, the forwarding chain, internal fields in any spelling, names that are no token, and single values
 * with anything but visible ASCII, space and tab. Applied twice it changes nothing more.
 */
export function headersForRuntime(source: HeaderSource): Record<string, string> {
  const pairs = headerPairs(source);
  const connection = pairs.filter(([name]) => comparable(name) === 'connection').map(([, value]) => value);
  const nominated = new Set(fieldMembers(connection).map(comparable));
  const fields = new Map<string, string>();
  for (const [originalName, originalValue] of pairs) {
    const compared = comparable(originalName);
    const value = trimFieldValue(originalValue);
    if (!isFieldName(originalName) || !isFieldValue(value)) continue;
    if (dropped.has(compared) || droppedPrefixes.some((prefix) => compared.startsWith(prefix))) continue;
    if (nominated.has(compared)) continue;
    const name = originalName.toLowerCase();
    const earlier = fields.get(name);
    fields.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return Object.fromEntries(fields);
}

/** The header fields that go to a fallback: those of the runtime, and the caller's credentials. */
export function headersForFallback(source: HeaderSource): Record<string, string | string[]> {
  const authorization = headerValues(source, 'authorization');
  const cookies = headerValues(source, 'cookie');
  return {
    ...headersForRuntime(source),
    ...(authorization.length > 0 && { authorization }),
    ...(cookies.length > 0 && { cookie: cookies.join('; ') }),
  };
}

/** The header fields of a fallback's response that go to the caller. */
export function headersFromFallback(source: HeaderSource): HeaderPair[] {
  return headerPairs(source).filter(endToEnd(headerValues(source, 'connection')));
}

/**
 * The header fields of a runtime's response that go to the caller, as they are (GW-28). Left out are those of the
 * connection, with those that `connection` names, and `content-length`, which are this hop's own (GW-29), and fields
 * that HTTP does not allow (GW-30). Of names that differ in case alone the last one counts.
 * @throws ContractViolationError where they are more than HTTP clients read
 */
export function headersForCaller(headers: Readonly<Record<string, string>>): HeaderPair[] {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) fields.set(name.toLowerCase(), value);
  const passed = [...fields]
    .filter(([name, value]) => isFieldName(name) && isFieldValue(value))
    .filter(endToEnd([fields.get('connection') ?? '']));
  const bytes = passed.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes > maxHeaderBytes) throw new ContractViolationError(`the header has ${bytes} bytes`);
  return passed;
}

/** Whether a response field is more than of one hop. @param connection the values of `connection` */
function endToEnd(connection: readonly string[]): (field: HeaderPair) => boolean {
  const nominated = fieldMembers(connection);
  return ([original]) => {
    const name = original.toLowerCase();
    return !hopByHop.has(name) && !framing.includes(name) && !nominated.includes(name);
  };
}
