import type { ReportFormat } from './format.ts';

/** The formats by the name that `--report NAME=FILE` gives them. Each is loaded when it is first asked for. */
export const reportFormats: Readonly<Record<string, () => Promise<ReportFormat>>> = {
  json: async () => (await import('./json/index.ts')).json,
  junit: async () => (await import('./junit/index.ts')).junit,
  markdown: async () => (await import('./markdown/index.ts')).markdown,
};

/** The names of all formats, in the order of the help. */
export const formatNames: readonly string[] = Object.keys(reportFormats);
