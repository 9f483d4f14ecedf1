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
const ofThisHop: ReadonlySet<string> = new Set(['host', 'content-length', 'forwarded']);
const credentials: ReadonlySet<string> = new Set(['authorization', 'cookie']);
const internal: ReadonlySet<string> = new Set(['x-mcp-session-id', 'x-original-worker']);
// `x-forwarded-` covers the forwarding chain and the internal x-forwarded-internally alike.
const droppedPrefixes = ['x-forwarded-', 'x-contextforge-'];

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const cleanValue = /^[\t\x20-\x7e]*$/;

function isPair(field: HeaderPair | string): field is HeaderPair {
  return typeof field !== 'string';
}

/** The fields of any {@link HeaderSource}, one pair for each occurrence, in order. */
export function headerPairs(source: HeaderSource): HeaderPair[] {
  if (!isIterable(source)) {
    return Object.entries(source).flatMap(([name, value]) =>
      (typeof value === 'string' ? [value] : (value ?? [])).map((single): HeaderPair => [name, single]),
    );
  }
  const pairs: HeaderPair[] = [];
  let name: string | undefined;
  for (const field of source) {
    if (isPair(field)) {
      pairs.push(field);
    } else if (name === undefined) {
      name = field;
    } else {
      pairs.push([name, field]);
      name = undefined;
    }
  }
  return pairs;
}

function isIterable(source: HeaderSource): source is Iterable<HeaderPair | string> & HeaderSource {
  return Symbol.iterator in source;
}

/**
 * How a name is compared with those to drop. An underscore counts as a hyphen: servers of the CGI tradition make
 * one name of both, so `X_ContextForge_Auth` must not get past a gateway that looks for hyphens.
 */
function comparable(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

function namedByConnection(pairs: readonly HeaderPair[]): Set<string> {
  const values = pairs.filter(([name]) => comparable(name) === 'connection').map(([, value]) => value);
  return new Set(values.flatMap((value) => value.split(',').map((name) => comparable(name.trim()))));
}

function isDropped(name: string): boolean {
  return (
    hopByHop.has(name) ||
    ofThisHop.has(name) ||
    credentials.has(name) ||
    internal.has(name) ||
    droppedPrefixes.some((prefix) => name.startsWith(prefix))
  );
}

/** An HTTP field value without the white space around it. */
export function trimFieldValue(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, '');
}

/**
 * The header fields that go to the runtime (CLIENT-4 to CLIENT-6): names in lower-case, a repeated field joined with
 * ", " in order. Left out are `cookie` and `authorization`, hop-by-hop fields with those that `connection` names,
 * `host`, `content-length`, the forwarding chain, internal fields in any spelling, names that are no token, and
 * single values with anything but visible ASCII, space and tab. Applied twice it changes nothing more.
 */
export function headersForRuntime(source: HeaderSource): Record<string, string> {
  const pairs = headerPairs(source);
  const nominated = namedByConnection(pairs);
  const fields = new Map<string, string>();
  for (const [originalName, originalValue] of pairs) {
    const compared = comparable(originalName);
    const value = trimFieldValue(originalValue);
    if (!token.test(originalName) || !cleanValue.test(value)) continue;
    if (isDropped(compared) || nominated.has(compared)) continue;
    const name = originalName.toLowerCase();
    const earlier = fields.get(name);
    fields.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return Object.fromEntries(fields);
}
