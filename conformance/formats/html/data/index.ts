import type { RunPage } from './run.ts';

/** The data of a page, by the kind of its subject. `conformance/schemas/html-data.v1.schema.json` describes it. */
export type PageData = RunPage;

/** A page without its evidence, which the app reads only when it shows a case. */
export type PageWithoutEvidence = PageData extends infer Page
  ? Page extends PageData
    ? Omit<Page, 'evidence'>
    : never
  : never;

/** Version of `html-data.v1.schema.json`. Minor versions may add members. */
export const pageSchemaVersion = '1.0';
