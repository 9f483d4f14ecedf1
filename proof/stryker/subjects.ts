/** A part of the reference runtime that Stryker mutates. */
export interface MutatedPart {
  readonly name: string;
  /** Paths of its files, relative to the root of the package. */
  readonly files: readonly string[];
}

const within = (folder: string, names: readonly string[]) =>
  names.map((name) => `reference-runtime/${folder}/${name}.ts`);

/** The mutated parts, in the order of their trials. */
export const mutatedParts: readonly MutatedPart[] = [
  {
    name: 'identity',
    files: [...within('identity', ['at-expiry', 'caller', 'claims']), ...within('service', ['checks'])],
  },
  {
    name: 'sessions',
    files: within('session', ['open-session', 'session', 'session-quota', 'session-store']),
  },
  {
    name: 'json-rpc',
    files: within('mcp', ['envelope', 'json-rpc-error', 'json-token', 'message-route', 'response-path']),
  },
  {
    name: 'streams',
    files: [
      ...within('session', ['event-log', 'event-stream', 'event-streams', 'event-writer']),
      ...within('mcp', ['sse']),
      ...within('grpc', ['stream-writer']),
    ],
  },
];

/** The mutated files of all parts. */
export const mutatedFiles: readonly string[] = mutatedParts.flatMap(({ files }) => files);
