import type { Catalog, CatalogFactory, CatalogName } from './catalog.ts';
import { contentTools } from './content-tools.ts';
import { contractTools } from './contract-tools.ts';
import { interactionTools } from './interaction-tools.ts';
import { completeConformance, conformancePrompts } from './prompts.ts';
import { conformanceResources } from './resources.ts';
import { WaitBoard } from './wait-board.ts';

/** The catalogs that come with the runtime, by name. */
export const catalogs: Readonly<Record<CatalogName, CatalogFactory>> = {
  conformance: (): Catalog => ({
    tools: [...contentTools, ...interactionTools, ...contractTools(new WaitBoard())],
    resources: conformanceResources,
    prompts: conformancePrompts,
    complete: completeConformance,
  }),
  empty: (): Catalog => ({}),
};
