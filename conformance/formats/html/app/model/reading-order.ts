/** A value in two parts: the members to read first, and those to fold. */
export interface ReadingOrder {
  readonly first: unknown;
  /** Members that repeat others, are empty, or are seldom of interest. Undefined if there are none. */
  readonly folded?: Readonly<Record<string, unknown>>;
}

const leading: readonly string[] = ['status', 'message', 'body'];
const minor: ReadonlySet<string> = new Set(['headerNames', 'idToken', 'bytes', 'form']);

/**
 * Splits the value that a step received into the members to read first, starting with the status and the message, and
 * those to fold.
 * @param differing members that differ from the expectation, which are never folded
 */
export function readingOrder(value: unknown, differing: ReadonlySet<string> = new Set()): ReadingOrder {
  if (!isRecord(value)) return { first: value };
  const names = [
    ...leading.filter((name) => name in value),
    ...Object.keys(value).filter((name) => !leading.includes(name)),
  ];
  const isFolded = (name: string): boolean => !differing.has(name) && isMinor(name, value);
  const folded = names.filter(isFolded);
  // If a value has only minor members, they are shown.
  if (folded.length === 0 || folded.length === names.length) return { first: members(value, names) };
  return {
    first: members(
      value,
      names.filter((name) => !isFolded(name)),
    ),
    folded: members(value, folded),
  };
}

function isMinor(name: string, value: Readonly<Record<string, unknown>>): boolean {
  const member = value[name];
  if (name === 'text') return value['message'] !== undefined;
  if (name === 'messages') return Array.isArray(member) && member.length === 0;
  if (name === 'grpc') return member === 'OK';
  if (name === 'grpcMessage') return member === '' || member === 'OK';
  return minor.has(name);
}

function members(value: Readonly<Record<string, unknown>>, names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, value[name]]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
