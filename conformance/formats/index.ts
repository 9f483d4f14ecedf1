import type { ReportFormat, ReportSubject } from './format.ts';

/** The report formats by their name in `--report NAME=FILE`. Each one is loaded on first use. */
const reportFormats: Readonly<Record<string, () => Promise<ReportFormat>>> = {
  json: async () => (await import('./json/index.ts')).json,
  junit: async () => (await import('./junit/index.ts')).junit,
  markdown: async () => (await import('./markdown/index.ts')).markdown,
  html: async () => (await import('./html/index.ts')).html,
  svg: async () => (await import('./svg/index.ts')).svg,
};

/** The names of all formats, in the order of the help text. */
export const formatNames: readonly string[] = Object.keys(reportFormats);

/** The formats of `compare`. A comparison has no picture. */
export const compareFormatNames: readonly string[] = formatNames.filter((name) => name !== 'svg');

/** Returns the option for a run that gathers evidence, if one of the reports shows it. */
export function evidenceFor({ reports, open }: RequestedReports): { readonly keepEvidence?: true } {
  return open || reports.some(({ format }) => format === 'html') ? { keepEvidence: true } : {};
}

/** The reports that a command is to write. */
interface RequestedReports {
  readonly reports: readonly { readonly format: string }[];
  /** Whether to open the HTML report, which is a temporary file if it is not among `reports`. */
  readonly open: boolean;
}

/** Renders a report in the named format. */
export async function renderReport(subject: ReportSubject, name: string): Promise<string> {
  const format = await reportFormats[name]?.();
  if (format === undefined) throw new Error(`unknown report format: ${name}`);
  switch (subject.kind) {
    case 'matrix':
      return format.matrix(subject);
    case 'compare':
      return format.compare(subject);
    case 'proto-check':
      return format.proto(subject);
    default:
      return format.run(subject);
  }
}
