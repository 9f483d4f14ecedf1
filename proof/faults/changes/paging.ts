import type { RequestMessage } from '../../../reference-runtime/mcp/envelope.ts';
import { resultResponse } from '../../../reference-runtime/mcp/json-rpc-error.ts';
import type { Hooks } from '../../harness/fault.ts';
import { onModernResult } from './modern.ts';
import { type Members, onMessage } from './runtime.ts';

/** The member of the result that has the entries of a list, by method. */
export const listKeys: Readonly<Record<string, string>> = {
  'tools/list': 'tools',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
  'prompts/list': 'prompts',
};

/** How lists are split into pages. */
export interface Paging {
  /** Returns the pages of a list. */
  pagesOf(items: readonly unknown[]): readonly (readonly unknown[])[];
  /** Returns the cursor of a page. Default: `page N`. */
  cursorOf?(page: number): string;
}

/** Splits a list into pages of at most `size` items. */
export function pagesBy(size: number): Paging['pagesOf'] {
  return (items) =>
    Array.from({ length: Math.max(1, Math.ceil(items.length / size)) }, (_, page) =>
      items.slice(page * size, (page + 1) * size),
    );
}

/** The longest list has fewer pages. */
const maxPages = 100;

class Pages {
  readonly #paging: Paging;
  readonly #wanted = new WeakMap<RequestMessage, number>();

  constructor(paging: Paging) {
    this.#paging = paging;
  }

  /** Returns the request without its cursor, unless the cursor is unknown. */
  withoutCursor(request: RequestMessage): RequestMessage {
    if (!Object.hasOwn(listKeys, request.method)) return request;
    const { cursor, ...params } = Object(request.params) as Members;
    const page = Array.from({ length: maxPages }, (_, index) => this.#cursorOf(index)).indexOf(
      String(cursor),
    );
    if (page === -1) return request;
    const within = { ...request, params };
    this.#wanted.set(within, page);
    return within;
  }

  /** Returns the wanted page of a result. */
  pageOf(result: Members, request: RequestMessage): Members {
    const key = listKeys[request.method];
    if (key === undefined || !Array.isArray(result[key])) return result;
    const pages = this.#paging.pagesOf(result[key]);
    const page = this.#wanted.get(request) ?? 0;
    const isLast = page >= pages.length - 1;
    return { ...result, [key]: pages[page] ?? [], ...(!isLast && { nextCursor: this.#cursorOf(page + 1) }) };
  }

  #cursorOf(page: number): string {
    return this.#paging.cursorOf?.(page) ?? `page ${page}`;
  }
}

/** Splits the lists of the revisions with sessions into pages. */
export function paged(paging: Paging): Hooks {
  const pages = new Pages(paging);
  return {
    ...onMessage((message) => (message.kind === 'request' ? pages.withoutCursor(message) : message)),
    writeResult: (id, result, request) => resultResponse(id, pages.pageOf(result as Members, request)),
  };
}

/** Splits the lists of MCP 2026-07-28 into pages. */
export function modernPaged(paging: Paging): Hooks {
  const pages = new Pages(paging);
  const { modernResponse } = onModernResult((result, request) => pages.pageOf(result, request));
  return {
    modernCall: (received) =>
      received.message.kind === 'request'
        ? { ...received, message: pages.withoutCursor(received.message) }
        : received,
    ...(modernResponse && { modernResponse }),
  };
}
