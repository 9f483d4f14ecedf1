import type { RunPage } from './run.ts';

/** The data of a page, by the kind of its subject. `conformance/schemas/html-data.v1.schema.json` describes it. */
export type PageData = RunPage;

/** Version of `html-data.v1.schema.json`. Minor versions may add members. */
export const pageSchemaVersion = '1.0';
