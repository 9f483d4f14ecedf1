import type { FunctionComponent } from 'preact';
import type { PageData, PageWithoutEvidence } from '../../data/index.ts';
import { BenchView } from './bench/bench-view.tsx';
import { CompareView } from './compare/compare-view.tsx';
import { FaultsView } from './faults/faults-view.tsx';
import { MatrixView } from './matrix/matrix-view.tsx';
import { ProtoCheckView } from './proto-check/proto-check-view.tsx';
import { RunView } from './run/run-view.tsx';

/** The view of each kind of page. */
export const views: {
  readonly [Kind in PageData['kind']]: FunctionComponent<{
    data: Extract<PageWithoutEvidence, { kind: Kind }>;
  }>;
} = {
  run: RunView,
  matrix: MatrixView,
  compare: CompareView,
  'proto-check': ProtoCheckView,
  bench: BenchView,
  faults: FaultsView,
};
