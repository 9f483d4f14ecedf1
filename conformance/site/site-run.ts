import type { EraDocument, RunDocument } from '../compare/document.ts';
import { type ReportedRun, reportedRun } from '../compare/reading.ts';
import type { Tool } from '../report/report.ts';
import { hashOf, slugOf } from './slug.ts';

/** The conclusion of a run about its target. */
export type Conclusion =
  | 'conformant'
  | 'conformant with exceptions'
  | 'not conformant'
  | 'no verdict'
  | 'not tested'
  /** A selection of cases makes no claim. */
  | 'selection passed'
  | 'selection failed';

/** Numbers of clauses by their outcome, without those of undeclared capabilities. */
export interface ClauseCounts {
  readonly checked: number;
  readonly held: number;
  readonly violated: number;
  /** Clauses that only known failures or failed advice concern. */
  readonly accepted: number;
  readonly unproven: number;
}

/** A finding of a run. */
export interface FindingFacts {
  readonly clause: string;
  readonly summary: string;
  readonly cases: readonly string[];
  readonly blocked: readonly string[];
}

/** One implementation in one report, as the pages show it and as the kit of that report judged it. */
export interface SiteRun {
  /** Name of the implementation. */
  readonly name: string;
  /** Folder of the implementation. */
  readonly slug: string;
  /** Unique in the folder of the implementation, and the same whenever the report is read. */
  readonly id: string;
  /** Date and time in ISO 8601, UTC. */
  readonly startedAt: string;
  readonly tool: Tool;
  readonly level: string;
  /** Release of the contract. Undefined if the target could not be tested or the report is older than releases. */
  readonly release: string | undefined;
  readonly label: string;
  /** Name and version of the server, as it identified itself. */
  readonly server: string | undefined;
  readonly conclusion: Conclusion;
  /** The verdict in one sentence, or the reason that there is none. */
  readonly sentence: string;
  /** Without cases of undeclared capabilities. */
  readonly cases: { readonly total: number; readonly passed: number };
  readonly clauses: ClauseCounts;
  /** Empty for reports before 1.4. */
  readonly eras: readonly EraDocument[];
  readonly findings: readonly FindingFacts[];
  /** Whether the run had only a selection of the cases. */
  readonly narrowed: boolean;
  /** The cases, for comparisons. */
  readonly reported: ReportedRun;
}

/**
 * Extracts the facts that the pages show from a report.
 * @param name the implementation of a matrix. Default: derived from the target
 */
export function siteRunOf(document: RunDocument, name = nameOf(document)): SiteRun {
  const startedAt = new Date(document.startedAt).toISOString();
  const { tool, settings, target } = document;
  const { serverInfo, contract } = target;
  const head = {
    name,
    slug: slugOf(name),
    id: `${startedAt.slice(0, 19).replace(/[-:]/g, '')}z-${hashOf(JSON.stringify([name, document]), 12)}`.toLowerCase(),
    startedAt,
    tool,
    level: settings.level,
    release: contract?.release,
    label: target.label,
    server: serverInfo && `${serverInfo.name} ${serverInfo.version}`,
    narrowed: settings.narrowed,
    reported: reportedRun(document),
  };
  if (document.error !== undefined) {
    return {
      ...head,
      conclusion: 'not tested',
      sentence: document.error.message,
      cases: { total: 0, passed: 0 },
      clauses: { checked: 0, held: 0, violated: 0, accepted: 0, unproven: 0 },
      eras: [],
      findings: [],
    };
  }
  const { verdict, clauses, eras = [] } = document;
  const { counts } = verdict;
  return {
    ...head,
    conclusion: conclusionOf(document.verdict, settings.narrowed),
    sentence: verdict.sentence,
    cases: { total: counts.total - counts.notDeclared, passed: counts.passed },
    clauses: clauseCounts(clauses.map(({ standing }) => standing)),
    eras,
    findings: (verdict.findings ?? []).map(({ clause, summary, cases, blocked }) => ({
      ...{ clause, summary, cases, blocked },
    })),
  };
}

type Tested = Extract<RunDocument, { readonly verdict: unknown }>;

function conclusionOf({ exitCode, counts }: Tested['verdict'], narrowed: boolean): Conclusion {
  if (exitCode > 1) return 'no verdict';
  if (narrowed) return exitCode === 0 ? 'selection passed' : 'selection failed';
  if (exitCode === 1) return 'not conformant';
  const exceptions = counts.knownFailures + (counts.advice ?? 0) + counts.skipped;
  return exceptions > 0 ? 'conformant with exceptions' : 'conformant';
}

function clauseCounts(standings: readonly Tested['clauses'][number]['standing'][]): ClauseCounts {
  const number = (...names: readonly (typeof standings)[number][]) =>
    standings.filter((standing) => names.includes(standing)).length;
  return {
    checked: standings.length - number('not declared'),
    held: number('held'),
    violated: number('violated'),
    accepted: number('known failure', 'not followed'),
    unproven: number('partly held', 'not proven', 'not checked'),
  };
}

/** Derives the name of an implementation from its target. The tag or digest of an image is its version. */
function nameOf({ target: { label, kind } }: RunDocument): string {
  if (kind !== 'image') return label;
  return label
    .replace(/^image /, '')
    .replace(/@sha256:[0-9a-f]+$/, '')
    .replace(/:[\w.-]+$/, '');
}
