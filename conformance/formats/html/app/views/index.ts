import type { FunctionComponent } from 'preact';
import type { PageData, PageWithoutEvidence } from '../../data/index.ts';
import { RunView } from './run/run-view.tsx';

/** The view of each kind of page. */
export const views: {
  readonly [Kind in PageData['kind']]: FunctionComponent<{
    data: Extract<PageWithoutEvidence, { kind: Kind }>;
  }>;
} = {
  run: RunView,
};
