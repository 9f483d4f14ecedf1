import { oneLine } from '../../text/text.ts';
import type { PageData } from './data/index.ts';

/** The title of a page, and its subject in one sentence for readers without JavaScript. */
export interface PageDescription {
  readonly title: string;
  readonly summary: string;
}

/** Returns the title and the sentence of a page, each on one line. */
export function describePage(data: PageData): PageDescription {
  const { title, summary } = describe(data);
  return { title: oneLine(title), summary: oneLine(summary) };
}

function describe(data: PageData): PageDescription {
  switch (data.kind) {
    case 'run': {
      const { target, verdict, error } = data.report;
      const state = verdict === undefined ? 'not tested' : stateOf(verdict.exitCode);
      const sentence = verdict?.sentence ?? error?.message ?? 'no verdict';
      return { title: `${target.label}: ${state}`, summary: `${target.label}: ${sentence}` };
    }
    case 'matrix': {
      const { implementations, verdict } = data.report;
      const names = implementations.map(({ name }) => name).join(', ');
      return { title: `Matrix of ${names}: ${stateOf(verdict.exitCode)}`, summary: verdict.sentence };
    }
    case 'compare': {
      const { old, new: fresh, verdict } = data.report;
      return { title: `${old.file} → ${fresh.file}`, summary: verdict.sentence };
    }
    case 'proto-check': {
      const { module, against, verdict } = data.report;
      return { title: `Proto check of ${module} against ${against}`, summary: verdict.sentence };
    }
    case 'bench': {
      const { variants, verdict } = data.report;
      return {
        title: `Benchmark of ${variants.map(({ name }) => name).join(', ')}`,
        summary: verdict.sentence,
      };
    }
    case 'faults': {
      const { subject, verdict } = data.report;
      const state = verdict.good ? 'passed' : 'failed';
      return { title: `Faults, ${subject}: ${state}`, summary: verdict.summary.join('; ') };
    }
  }
}

function stateOf(exitCode: number): string {
  return exitCode === 0 ? 'passed' : exitCode === 1 ? 'failed' : 'no verdict';
}
