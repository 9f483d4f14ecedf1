import type { Tone } from '../model/standing.ts';
import { Sign } from './badge.tsx';

/** An outcome that leads to its evidence. */
export function OutcomeLink({
  tone,
  label,
  href,
  name,
}: {
  readonly tone: Tone;
  readonly label: string;
  readonly href: string;
  /** The subject of the outcome, for assistive technology, which reads a cell of a table without its headers. */
  readonly name: string;
}) {
  return (
    <a class="badge" data-tone={tone} href={href} aria-label={`${name}: ${label}`}>
      <Sign tone={tone} />
      {label}
    </a>
  );
}
