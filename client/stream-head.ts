import type { McpChunk } from '../proto/index.ts';

/** The head of a stream's HTTP response. */
export interface StreamHead {
  /** The HTTP status; 400 or more: the stream was refused. */
  readonly status: number;
  /** Header fields; names in lower-case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the runtime said so (`sent`), or nothing did and the contract's default holds (`assumed`). */
  readonly origin: 'sent' | 'assumed';
}

/** What a stream without head is taken for (CLIENT-7). */
export const assumedHead: StreamHead = {
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  origin: 'assumed',
};

/** The head that a stream's first chunk gives. A refusal without head has its status and no header fields. */
export function headOfFirstChunk(chunk: McpChunk): StreamHead {
  if (chunk.status !== 0 || Object.keys(chunk.headers).length > 0) {
    const status = chunk.errorStatus || chunk.status || 200;
    return { status, headers: chunk.headers, origin: 'sent' };
  }
  return chunk.errorStatus === 0 ? assumedHead : { status: chunk.errorStatus, headers: {}, origin: 'sent' };
}

/** The media type of an answer, in lower-case and without parameters; "" where none is named. */
export function mediaTypeOf(headers: Readonly<Record<string, string>>): string {
  const named = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type');
  return named?.[1].split(';')[0]?.trim().toLowerCase() ?? '';
}
