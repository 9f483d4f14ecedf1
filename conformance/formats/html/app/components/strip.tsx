import { useRef, useState } from 'preact/hooks';
import type { Tone } from '../model/standing.ts';

/** One cell of a strip. */
export interface Cell {
  readonly href: string;
  /** Name and outcome, for assistive technology and as a tooltip. */
  readonly label: string;
  readonly tone: Tone;
  /** Whether the filter leaves the cell out. */
  readonly dim?: boolean;
}

/** A strip of coloured cells. It is one stop of the tab key, and arrow keys move between its cells. */
export function Strip({ label, cells }: { readonly label: string; readonly cells: readonly Cell[] }) {
  const list = useRef<HTMLUListElement>(null);
  const [active, setActive] = useState(0);
  const stop = Math.min(active, cells.length - 1);
  const move = (event: KeyboardEvent): void => {
    const to = targetOf(event.key, stop, cells.length - 1);
    if (to === undefined) return;
    event.preventDefault();
    list.current?.querySelectorAll<HTMLAnchorElement>('a')[to]?.focus();
  };
  return (
    <ul class="strip" aria-label={label} ref={list}>
      {cells.map((cell, index) => (
        <li key={cell.href}>
          <a
            class="cell"
            href={cell.href}
            title={cell.label}
            data-tone={cell.tone}
            data-dim={cell.dim === true}
            tabIndex={index === stop ? 0 : -1}
            onKeyDown={move}
            onFocus={() => setActive(index)}
          >
            <span class="visually-hidden">{cell.label}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function targetOf(key: string, from: number, last: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowDown':
      return Math.min(from + 1, last);
    case 'ArrowLeft':
    case 'ArrowUp':
      return Math.max(from - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}
