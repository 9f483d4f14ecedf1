import type { EraDocument } from '../compare/document.ts';
import { count } from '../text/text.ts';
import { eraInClauses, eraTone, type Tone, toneOf } from './conclusions.ts';
import { type Markup, markup } from './markup.ts';
import type { SiteRun } from './site-run.ts';

/** A badge: a label and a message on a coloured ground. */
export interface Badge {
  readonly label: string;
  readonly message: string;
  readonly tone: Tone;
  /** The whole statement, for people who point at the badge or cannot see it. */
  readonly title: string;
}

/** Returns the badge of a run. */
export function badgeOf(run: SiteRun): Badge {
  const judged = [
    `kit ${run.tool.version}`,
    run.release && `contract ${run.release}`,
    run.startedAt.slice(0, 10),
  ];
  const title = `${run.sentence} (${judged.filter(Boolean).join(', ')})`;
  return { label: 'MCP runtime', message: messageOf(run), tone: toneOf(run), title };
}

function messageOf({ conclusion, level, clauses, cases }: SiteRun): string {
  switch (conclusion) {
    case 'conformant':
      return `conformant at ${level}`;
    case 'conformant with exceptions':
      return `conformant at ${level}, with exceptions`;
    case 'not conformant':
      return clauses.violated > 0 ? `${count(clauses.violated, 'clause')} violated` : conclusion;
    case 'selection passed':
    case 'selection failed':
      return `${cases.passed} of ${cases.total} selected cases`;
    default:
      return conclusion;
  }
}

/** Returns the badge of a run in one era. */
export function eraBadgeOf(run: SiteRun, era: EraDocument): Badge {
  const message = eraInClauses(era);
  const label = `MCP runtime, ${era.era}`;
  return {
    label,
    message,
    tone: eraTone(era),
    title: `${run.startedAt.slice(0, 10)}: ${message} of the ${era.era} era held`,
  };
}

/** The colour names of shields.io. */
const shieldColours: Readonly<Record<Tone, string>> = {
  good: 'brightgreen',
  caution: 'yellowgreen',
  bad: 'red',
  unknown: 'lightgrey',
};

/** Renders the answer of an endpoint badge of shields.io. Ends in a line feed. */
export function shieldsJson({ label, message, tone }: Badge): string {
  return `${JSON.stringify({ schemaVersion: 1, label, message, color: shieldColours[tone] }, null, 2)}\n`;
}

/** Colours on which white text is easy to read. */
const grounds: Readonly<Record<Tone, string>> = {
  good: '#1a7f37',
  caution: '#7a6a00',
  bad: '#b3261e',
  unknown: '#5f6670',
};

const padding = 6;

/** Renders a badge as an SVG document. */
export function badgeSvg({ label, message, tone, title }: Badge): Markup {
  const [left, right] = [widthOf(label) + 2 * padding, widthOf(message) + 2 * padding];
  const width = left + right;
  return markup`
<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" viewBox="0 0 ${width} 20" role="img" aria-label="${label}: ${message}">
<title>${title}</title>
<path fill="#3b4048" d="M${left} 0H4a4 4 0 0 0-4 4v12a4 4 0 0 0 4 4H${left}z"/>
<path fill="${grounds[tone]}" d="M${left} 0h${right - 4}a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H${left}z"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11" text-rendering="geometricPrecision">
<text x="${padding}" y="14" textLength="${left - 2 * padding}">${label}</text>
<text x="${left + padding}" y="14" textLength="${right - 2 * padding}">${message}</text>
</g>
</svg>
`;
}

/** Estimates the width of a text at 11 px. `textLength` makes the text fit. */
function widthOf(text: string): number {
  const units = [...text].reduce((sum, character) => {
    if (/[ijl.,:'|!1 tfr]/.test(character)) return sum + 4.2;
    return sum + (/[mwMW]/.test(character) ? 10.4 : 6.9);
  }, 0);
  return Math.round(units);
}
