import { callerResources } from './caller-resources.ts';
import type { Catalog, CatalogName } from './catalog.ts';
import { contentTools } from './content-tools.ts';
import { contractTools } from './contract-tools.ts';
import { inputTools } from './input-tools.ts';
import { interactionTools } from './interaction-tools.ts';
import { completeConformance, conformancePrompts } from './prompts.ts';
import { conformanceResources } from './resources.ts';
import { WaitBoard } from './wait-board.ts';

/** Factories of the built-in catalogs by name. Each runtime gets a catalog with new state. */
export const catalogs: Readonly<Record<CatalogName, () => Catalog>> = {
  conformance: () => ({
    tools: [...contentTools, ...interactionTools, ...inputTools, ...contractTools(new WaitBoard())],
    resources: conformanceResources,
    callerResources,
    prompts: conformancePrompts,
    complete: completeConformance,
  }),
  empty: () => ({}),
};
