/** The header fields of an answer. */
export interface AnswerFields {
  readonly headers: Readonly<Record<string, string>>;
  /** The names of the fields, unchanged. */
  readonly headerNames: readonly string[];
}

/** A broken rule: its clause and a description. */
export type Violation = readonly [clause: string, problem: string];

const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const internal = /^(?:x-contextforge-.*|x-mcp-session-id|x-forwarded-internally|x-original-worker)$/;
const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const value = /^[\t\x20-\x7e]*$/;

/** Checks the header fields of any answer (HEADER-2, HEADER-7). @param bytes the size of the body, if it is whole */
export function* fieldViolations(
  { headers, headerNames }: AnswerFields,
  bytes: number | undefined,
): Iterable<Violation> {
  const lower = headerNames.map((name) => name.toLowerCase());
  for (const name of headerNames) {
    if (!token.test(name))
      yield ['HEADER-2', `the field name ${JSON.stringify(name)} is not a lower-case token`];
  }
  if (new Set(lower).size < lower.length) yield ['HEADER-2', 'two field names differ only in case'];
  for (const [name, text] of Object.entries(headers)) {
    if (hopByHop.has(name)) yield ['HEADER-2', `the field ${name} is hop-by-hop`];
    if (!value.test(text)) yield ['HEADER-2', `the value of ${name} is not visible ASCII`];
    if (internal.test(name)) yield ['HEADER-7', `the field ${name} is internal`];
  }
  const length = headers['content-length'];
  if (length === undefined) return;
  if (bytes === undefined) yield ['HEADER-7', 'the head of a stream has content-length'];
  else if (length.trim() !== String(bytes)) {
    yield ['HEADER-7', `content-length is ${length}, but the body has ${bytes} bytes`];
  }
}
