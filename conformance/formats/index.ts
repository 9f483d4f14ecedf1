import type { ReportFormat, ReportSubject } from './format.ts';

/** The formats by the name that `--report NAME=FILE` gives them. Each is loaded when it is first asked for. */
const reportFormats: Readonly<Record<string, () => Promise<ReportFormat>>> = {
  json: async () => (await import('./json/index.ts')).json,
  junit: async () => (await import('./junit/index.ts')).junit,
  markdown: async () => (await import('./markdown/index.ts')).markdown,
};

/** The names of all formats, in the order of the help. */
export const formatNames: readonly string[] = Object.keys(reportFormats);

/** Renders a report in the format of this name. */
export async function renderReport(subject: ReportSubject, name: string): Promise<string> {
  const format = await reportFormats[name]?.();
  if (format === undefined) throw new Error(`there is no report format ${name}`);
  if (subject.kind === 'matrix') return format.matrix(subject);
  return subject.kind === 'proto-check' ? format.proto(subject) : format.run(subject);
}
