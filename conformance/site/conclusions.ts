import type { EraDocument } from '../compare/document.ts';
import { count } from '../text/text.ts';
import type { Conclusion, SiteRun } from './site-run.ts';

/** The meaning of a state, from which pages and badges derive their colour. */
export type Tone = 'good' | 'caution' | 'bad' | 'unknown';

const tones: Readonly<Record<Conclusion, Tone>> = {
  conformant: 'good',
  'conformant with exceptions': 'caution',
  'not conformant': 'bad',
  'no verdict': 'unknown',
  'not tested': 'unknown',
  'selection passed': 'unknown',
  'selection failed': 'bad',
};

export function toneOf({ conclusion }: Pick<SiteRun, 'conclusion'>): Tone {
  return tones[conclusion];
}

/** The meaning of each conclusion, for the legend. */
export const meanings: Readonly<Record<Conclusion, string>> = {
  conformant: 'Every case of the level ran and passed.',
  'conformant with exceptions':
    'No failure counts, but there are known failures, failed advice or skipped cases.',
  'not conformant': 'At least one failure counts.',
  'no verdict': 'A required case did not run.',
  'not tested': 'The target could not be tested.',
  'selection passed': 'The run had only a selection of the cases, so it makes no claim.',
  'selection failed': 'A case of a selection failed.',
};

/** Returns the tone of an outcome in one era. */
export function eraTone({ cases, clauses }: EraDocument): Tone {
  if (cases.failing > 0 || clauses.violated.length > 0) return 'bad';
  if (clauses.checked === 0) return 'unknown';
  return clauses.held === clauses.checked ? 'good' : 'caution';
}

/** Returns the clauses of a run in words: `120 held, 2 violated, 3 not proven`. */
export function clausesInWords({ clauses }: Pick<SiteRun, 'clauses'>): string {
  const { held, violated, unproven, accepted } = clauses;
  return [
    `${held} held`,
    `${violated} violated`,
    `${unproven} not proven`,
    ...(accepted > 0 ? [`${accepted} accepted`] : []),
  ].join(', ');
}

/** Returns the clauses of an era in words: `93 of 93 clauses`. */
export function eraInClauses({ clauses: { held, checked } }: EraDocument): string {
  return `${held} of ${count(checked, 'clause')}`;
}
