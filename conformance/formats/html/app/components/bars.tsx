import type { Tone } from '../model/standing.ts';

/** One bar of a list of bars. */
export interface Bar {
  readonly label: string;
  readonly href: string;
  readonly value: number;
  /** The value in words. */
  readonly text: string;
  readonly tone: Tone;
}

/** Values as horizontal bars, in proportion to the largest one. */
export function Bars({ bars }: { readonly bars: readonly Bar[] }) {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  return (
    <ul class="bars">
      {bars.map(({ label, href, value, text, tone }) => (
        <li key={label}>
          <a href={href}>{label}</a>
          <span class="row-end">{text}</span>
          <span class="track" data-tone={tone}>
            <span style={{ width: `${(value / most) * 100}%` }} />
          </span>
        </li>
      ))}
    </ul>
  );
}
