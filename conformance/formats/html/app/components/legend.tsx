import type { Tone } from '../model/standing.ts';

/** One entry of a legend. */
export interface LegendEntry {
  readonly tone: Tone;
  readonly label: string;
  readonly meaning: string;
  readonly count: number;
  /** Where the entry leads: usually the cases with this outcome. */
  readonly href?: string;
}

/** The legend beside a picture: colour, word, number, and the meaning as a tooltip. */
export function Legend({ entries }: { readonly entries: readonly LegendEntry[] }) {
  return (
    <ul class="legend">
      {entries.map(({ tone, label, meaning, count, href }) => (
        <li key={label} title={meaning}>
          <span class="swatch" data-tone={tone} />
          <span>
            <b>{count.toLocaleString('en')}</b> {href === undefined ? label : <a href={href}>{label}</a>}
          </span>
        </li>
      ))}
    </ul>
  );
}
