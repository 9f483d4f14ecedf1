import type { BenchPage } from './bench.ts';
import type { ComparePage } from './compare.ts';
import type { FaultsPage } from './faults.ts';
import type { MatrixPage } from './matrix.ts';
import type { ProtoCheckPage } from './proto-check.ts';
import type { RunPage } from './run.ts';

/** The data of a page, by the kind of its subject. `conformance/schemas/html-data.v1.schema.json` describes it. */
export type PageData = RunPage | MatrixPage | ComparePage | ProtoCheckPage | BenchPage | FaultsPage;

/** Version of `html-data.v1.schema.json`. Minor versions may add members. */
export const pageSchemaVersion = '1.0';
