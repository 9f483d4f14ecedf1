import { answerVariations } from './answers.ts';
import { lifeVariations } from './life.ts';
import { mcpVariations } from './mcp.ts';
import { sessionVariations } from './sessions.ts';
import { streamVariations } from './streams.ts';
import type { Variation } from './variation.ts';
import { wireVariations } from './wire.ts';

/** Every permitted variation, family by family. */
export const variations: readonly Variation[] = [
  ...answerVariations,
  ...streamVariations,
  ...sessionVariations,
  ...mcpVariations,
  ...lifeVariations,
  ...wireVariations,
];
