import { oneLine } from '../../text/text.ts';
import type { PageData } from './data/index.ts';

/** Returns the title of a page, and its subject in one sentence for readers without JavaScript. */
export function describePage(data: PageData): { readonly title: string; readonly summary: string } {
  const { target, verdict, error } = data.report;
  const state = verdict === undefined ? 'not tested' : verdict.exitCode === 0 ? 'passed' : 'failed';
  return {
    title: oneLine(`${target.label}: ${state}`),
    summary: oneLine(`${target.label}: ${verdict?.sentence ?? error?.message ?? 'no verdict'}`),
  };
}
