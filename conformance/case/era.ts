import type { CaseHead } from './case.ts';

/** The MCP revisions with a handshake and sessions, oldest first. */
export const legacyRevisions = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'] as const;

/** The MCP revisions without handshake and sessions. */
export const modernRevisions = ['2026-07-28'] as const;

/** The eras of MCP: `legacy` has a handshake and sessions, `modern` has neither. */
export const eras = ['legacy', 'modern'] as const;

export type Era = (typeof eras)[number];

/** The values of `--era`. */
export const eraChoices = [...eras, 'both'] as const;

export type EraChoice = (typeof eraChoices)[number];

/** The capability of a runtime that serves the modern era. */
export const modernCapability = 'mcp-2026-07-28';

/** The capability of a runtime that serves the modern era alone. */
export const modernOnlyCapability = 'modern-only';

/** Returns the eras of a choice. */
export function erasIn(choice: EraChoice): readonly Era[] {
  return choice === 'both' ? eras : [choice];
}

/** Returns the eras of the revisions that a case applies to. */
export function erasOf({ revisions }: Pick<CaseHead, 'revisions'>): readonly Era[] {
  const modern: ReadonlySet<string> = new Set(modernRevisions);
  return eras.filter((era) => revisions.some((revision) => modern.has(revision) === (era === 'modern')));
}

/** Returns whether a case applies to a target that serves these eras. */
export function appliesInEras(
  head: Pick<CaseHead, 'revisions' | 'opensSessions'>,
  served: readonly Era[],
): boolean {
  if (head.opensSessions === true && !served.includes('legacy')) return false;
  return erasOf(head).some((era) => served.includes(era));
}

/** Returns the eras that a runtime declares. */
export function declaredEras(capabilities: readonly string[]): readonly Era[] {
  if (capabilities.includes(modernOnlyCapability)) return ['modern'];
  return capabilities.includes(modernCapability) ? eras : ['legacy'];
}
