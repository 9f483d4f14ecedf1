import { useLayoutEffect, useState } from 'preact/hooks';
import { visible } from './model/visible.ts';

/** A place in the page: `#/case/sessions/close?text=x` has the path `case`, `sessions`, `close` and one parameter. */
export interface Route {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

/** Parses the fragment of an address. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  return { path: path.split('/').filter(Boolean).map(decoded), query: new URLSearchParams(query) };
}

function decoded(part: string): string {
  try {
    return visible(decodeURIComponent(part));
  } catch {
    return part;
  }
}

/**
 * Returns the start of all addresses in the part of the page that is open: `in/go/` in the run of one implementation of
 * a matrix, which is a page within a page. Otherwise, it is empty.
 */
function partOf(hash: string): string {
  return /^#\/(in\/[^/?]+)/.exec(hash)?.[1]?.concat('/') ?? '';
}

/**
 * Returns the address of a place in a part of the page. Parameters that are empty are omitted.
 * @param within a place in that part. Default: the place that is open
 */
export function routeTo(
  path: readonly string[],
  query: Readonly<Record<string, string | undefined>> = {},
  within: string = globalThis.location?.hash ?? '',
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) parameters.set(name, value);
  const text = parameters.toString();
  // The slash in the id of a case stays readable.
  const parts = path.map((part) => encodeURIComponent(part).replaceAll('%2F', '/'));
  return `#/${partOf(within)}${parts.join('/')}${text === '' ? '' : `?${text}`}`;
}

/** Scroll positions by the number of the history entry. */
const positions = new Map<number, number>();
let entries = 0;

function entryNumber(): number | undefined {
  const state: unknown = history.state;
  const number = typeof state === 'object' && state !== null && 'entry' in state ? state.entry : undefined;
  return typeof number === 'number' ? number : undefined;
}

const changed = 'route-replaced';

/** Replaces the current place, for changes that the back button should not undo one by one. */
export function replaceRoute(address: string): void {
  history.replaceState(history.state, '', address);
  window.dispatchEvent(new Event(changed));
}

/** Returns the current place, and renders again when it changes. Restores the scroll position of earlier entries. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  // A layout effect, so that the page does not miss a link that a reader follows early.
  useLayoutEffect(() => {
    history.scrollRestoration = 'manual';
    let current = entryNumber() ?? entries;
    if (entryNumber() === undefined) history.replaceState({ entry: current }, '');
    const arrive = (): void => {
      positions.set(current, window.scrollY);
      const known = entryNumber();
      if (known === undefined) {
        entries = Math.max(entries, current) + 1;
        history.replaceState({ entry: entries }, '');
      }
      current = known ?? entries;
      const position = known === undefined ? 0 : (positions.get(known) ?? 0);
      const focused = document.activeElement;
      setHash(location.hash);
      requestAnimationFrame(() => {
        requestAnimationFrame(() => {
          window.scrollTo(0, position);
          // Do not take the focus from an element that a fast reader has already chosen on the new page.
          const isUntouched = [focused, document.body].includes(document.activeElement);
          if (known === undefined && isUntouched)
            document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
        });
      });
    };
    const replaced = (): void => setHash(location.hash);
    window.addEventListener('hashchange', arrive);
    window.addEventListener(changed, replaced);
    return () => {
      window.removeEventListener('hashchange', arrive);
      window.removeEventListener(changed, replaced);
    };
  }, []);
  return parseRoute(hash);
}
