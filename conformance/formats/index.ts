import type { ReportFormat, ReportSubject } from './format.ts';

/** The report formats by their name in `--report NAME=FILE`. Each one is loaded on first use. */
const reportFormats: Readonly<Record<string, () => Promise<ReportFormat>>> = {
  json: async () => (await import('./json/index.ts')).json,
  junit: async () => (await import('./junit/index.ts')).junit,
  markdown: async () => (await import('./markdown/index.ts')).markdown,
  html: async () => (await import('./html/index.ts')).html,
};

/** The names of all formats, in the order of the help text. */
export const formatNames: readonly string[] = Object.keys(reportFormats);

/** Returns the option for a run that gathers evidence, if one of the reports shows it. */
export function evidenceFor(reports: readonly { readonly format: string }[]): {
  readonly keepEvidence?: true;
} {
  return reports.some(({ format }) => format === 'html') ? { keepEvidence: true } : {};
}

/** Renders a report in the named format. */
export async function renderReport(subject: ReportSubject, name: string): Promise<string> {
  const format = await reportFormats[name]?.();
  if (format === undefined) throw new Error(`unknown report format: ${name}`);
  if (subject.kind === 'matrix') return format.matrix(subject);
  return subject.kind === 'proto-check' ? format.proto(subject) : format.run(subject);
}
