/** The names of the catalogs that come with the runtime; the first is the one served where nothing else is asked for. */
export const catalogNames = ['conformance', 'empty'] as const;

/** The name of a catalog that comes with the runtime. */
export type CatalogName = (typeof catalogNames)[number];
