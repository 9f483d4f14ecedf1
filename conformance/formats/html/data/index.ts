import type { BenchPage } from './bench.ts';
import type { ComparePage } from './compare.ts';
import type { FaultsPage } from './faults.ts';
import type { MatrixPage } from './matrix.ts';
import type { ProtoCheckPage } from './proto-check.ts';
import type { RunPage } from './run.ts';

/** The data of a page, by the kind of its subject. `conformance/schemas/html-data.v1.schema.json` describes it. */
export type PageData = RunPage | MatrixPage | ComparePage | ProtoCheckPage | BenchPage | FaultsPage;

/** A page without its evidence, which the app reads only when it shows a case. */
export type PageWithoutEvidence = PageData extends infer Page
  ? Page extends PageData
    ? Omit<Page, 'evidence'>
    : never
  : never;

/** Version of `html-data.v1.schema.json`. Minor versions may add members. */
export const pageSchemaVersion = '1.0';
