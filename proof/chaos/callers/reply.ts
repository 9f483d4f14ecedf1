import type { IncomingHttpHeaders } from 'node:http';

/** How a request ended. */
export type Reply =
  /** The answer arrived completely. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: string;
    }
  /** There was no connection, or it broke before the end of the answer. */
  | { readonly kind: 'broken'; readonly code: string }
  /** The request did not end within its time limit. */
  | { readonly kind: 'late' };
