import type { CommandContext } from '../command-context.ts';
import type { ReportInvocation } from './report-options.ts';

/**
 * Carries out a command for JSON reports.
 * @returns the exit code
 * @throws ReportFileError, MergeError, SiteError, UnwritableFileError
 */
export async function reportCommand(invocation: ReportInvocation, context: CommandContext): Promise<number> {
  switch (invocation.kind) {
    case 'merge':
      return (await import('./merge-command.ts')).mergeCommand(invocation, context);
    case 'html':
      return (await import('./html-command.ts')).htmlCommand(invocation, context);
    case 'site':
      return (await import('./site-command.ts')).siteCommand(invocation, context);
  }
}
