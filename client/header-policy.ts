import { fieldMembers, isFieldName, isFieldValue, trimFieldValue } from '../base/http-fields.ts';
import { ContractViolationError } from './errors.ts';

// All rules for the header fields that pass between a caller, the runtime and a fallback are in this file.

/**
 * Header fields of an HTTP request in any common form: a `Headers` object or another iterable of `[name, value]`,
 * Node's `rawHeaders` (alternating names and values), or an object such as Node's `headers`.
 */
export type HeaderSource =
  | Iterable<readonly [name: string, value: string]>
  | readonly string[]
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** A header field with the original case of its name. */
export type HeaderPair = readonly [name: string, value: string];

/** Hop-by-hop fields (RFC 9110 section 7.6.1). */
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

/**
 * Request fields that reach neither the runtime nor a fallback. Apply `comparable` to a name before looking it up.
 */
const dropped: ReadonlySet<string> = new Set([
  ...hopByHop,
  ...framing,
  ...credentials,
  'host',
  'forwarded',
  'x-mcp-session-id',
  'x-original-worker',
]);
// `x-forwarded-` covers both the forwarding chain and the internal field x-forwarded-internally.
const droppedPrefixes = ['x-forwarded-', 'x-contextforge-'];

/** The maximum size of a response header. HTTP clients have limits of their own, some as low as 16 KiB. */
const maxHeaderBytes = 64 * 1024;

/** Returns the fields of a {@link HeaderSource} in order, with one pair per occurrence. */
export function headerPairs(source: HeaderSource): HeaderPair[] {
  if (!isIterable(source)) {
    return Object.entries(source).flatMap(([name, value]) =>
      (typeof value === 'string' ? [value] : (value ?? [])).map((single): HeaderPair => [name, single]),
    );
  }
  const pairs: HeaderPair[] = [];
  let name: string | undefined;
  for (const field of source) {
    if (typeof field !== 'string') pairs.push(field);
    else if (name === undefined) name = field;
    else {
      pairs.push([name, field]);
      name = undefined;
    }
  }
  return pairs;
}

function isIterable(source: HeaderSource): source is Iterable<HeaderPair | string> & HeaderSource {
  return Symbol.iterator in source;
}

/** The values of each field by lower-case name. Several functions look up fields of the same request. */
const indexes = new WeakMap<HeaderSource, ReadonlyMap<string, string[]>>();

/** Returns the values of a header field in order. @param name the name in lower case */
export function headerValues(source: HeaderSource, name: string): readonly string[] {
  const known = indexes.get(source);
  if (known !== undefined) return known.get(name) ?? none;
  const index = new Map<string, string[]>();
  for (const [field, value] of headerPairs(source)) {
    const key = field.toLowerCase();
    const values = index.get(key);
    if (values === undefined) index.set(key, [trimFieldValue(value)]);
    else values.push(trimFieldValue(value));
  }
  // An array of pairs is a request of the gateway, which does not change. Other sources may change.
  if (Array.isArray(source) && typeof source[0] === 'object') indexes.set(source, index);
  return index.get(name) ?? none;
}

const none: readonly string[] = [];

/**
 * Returns a name in the form for comparisons. An underscore counts as a hyphen, because CGI-style servers do not
 * distinguish them. Otherwise `X_ContextForge_Auth` would pass a check for hyphens.
 */
function comparable(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

/** The properties of a request field that depend only on its name. */
interface NameFacts {
  readonly name: string;
  readonly compared: string;
  /** Whether the runtime receives the field, unless `connection` names it. */
  readonly isPassed: boolean;
}

/** Caches the properties, because callers keep sending the same names. */
const knownNames = new Map<string, NameFacts>();
const maxKnownNames = 500;
const maxKnownLength = 64;

function factsOf(original: string): NameFacts {
  const known = knownNames.get(original);
  if (known !== undefined) return known;
  const compared = comparable(original);
  const isDropped = dropped.has(compared) || droppedPrefixes.some((prefix) => compared.startsWith(prefix));
  const facts = { name: original.toLowerCase(), compared, isPassed: isFieldName(original) && !isDropped };
  // Callers choose the names, so the cache needs a limit.
  if (knownNames.size < maxKnownNames && original.length <= maxKnownLength) knownNames.set(original, facts);
  return facts;
}

/**
 * Returns the header fields for the runtime (CLIENT-4 to CLIENT-6) by lower-case name. Repeated fields are joined with
 * ", " in order. It drops `cookie` and `authorization`, hop-by-hop fields including those that `connection` names,
 * `host`, `content-length`, the forwarding chain, internal fields in any spelling, invalid names, and values with
 * characters other than visible ASCII, space and tab. The function is idempotent.
 */
export function headersForRuntime(source: HeaderSource): Record<string, string> {
  const pairs = headerPairs(source);
  const connection = pairs
    .filter(([name]) => factsOf(name).compared === 'connection')
    .map(([, value]) => value);
  const nominated = new Set(fieldMembers(connection).map(comparable));
  const fields = new Map<string, string>();
  for (const [originalName, originalValue] of pairs) {
    const { name, compared, isPassed } = factsOf(originalName);
    const value = trimFieldValue(originalValue);
    if (!isPassed || !isFieldValue(value) || nominated.has(compared)) continue;
    const earlier = fields.get(name);
    // Without the space after the comma if the value is empty.
    fields.set(name, earlier === undefined ? value : trimFieldValue(`${earlier}, ${value}`));
  }
  return Object.fromEntries(fields);
}

/** Frozen results of `headersForRuntime`. */
const sanitised = new WeakSet<object>();

/** Returns the header fields for the runtime. The result is frozen, and the client does not sanitise it again. */
export function sanitisedOnce(source: HeaderSource): Readonly<Record<string, string>> {
  if (sanitised.has(source)) return source as Readonly<Record<string, string>>;
  const fields = Object.freeze(headersForRuntime(source));
  sanitised.add(fields);
  return fields;
}

/** Returns the header fields for a fallback: the fields that the runtime receives, and the caller's credentials. */
export function headersForFallback(source: HeaderSource): Record<string, string | string[]> {
  const authorization = headerValues(source, 'authorization');
  const cookies = headerValues(source, 'cookie');
  return {
    ...headersForRuntime(source),
    ...(authorization.length > 0 && { authorization: [...authorization] }),
    ...(cookies.length > 0 && { cookie: cookies.join('; ') }),
  };
}

/** Returns the header fields of a fallback's response that the caller receives. */
export function headersFromFallback(source: HeaderSource): HeaderPair[] {
  return headerPairs(source).filter(endToEnd(headerValues(source, 'connection')));
}

/**
 * Returns the header fields of a runtime's response for the caller, unchanged (GW-28). It drops hop-by-hop fields
 * including those that `connection` names, `content-length` (GW-29), and invalid fields (GW-30). Of names that differ
 * only in case, the last one wins.
 * @throws ContractViolationError if the fields are too large for HTTP clients
 */
export function headersForCaller(headers: Readonly<Record<string, string>>): HeaderPair[] {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) fields.set(name.toLowerCase(), value);
  const passed = [...fields]
    .filter(([name, value]) => isFieldName(name) && isFieldValue(value))
    .filter(endToEnd([fields.get('connection') ?? '']));
  const bytes = passed.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (bytes > maxHeaderBytes)
    throw new ContractViolationError(
      `the response header has ${bytes} bytes, but the limit is ${maxHeaderBytes}`,
    );
  return passed;
}

/** Returns a filter for response fields that are not hop-by-hop. @param connection the values of `connection` */
function endToEnd(connection: readonly string[]): (field: HeaderPair) => boolean {
  const nominated = fieldMembers(connection);
  return ([original]) => {
    const name = original.toLowerCase();
    return !hopByHop.has(name) && !framing.includes(name) && !nominated.includes(name);
  };
}
