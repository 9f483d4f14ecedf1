import { variations } from '../../harness/fault.ts';
import { bodilessWithoutHeads, chunk, withoutDeclaring } from '../changes/streams.ts';

/** Variations that a client of the runtime must tolerate. */
export const clientVariations = variations([
  {
    name: 'opened-with-an-empty-chunk',
    clause: 'CLIENT-7',
    about: 'The runtime opens a stream with an empty chunk instead of a head',
    servesLess: true,
    hooks: {
      ...withoutDeclaring('stream-head', 'mcp-2026-07-28'),
      headChunks: () => [chunk({})],
      ...bodilessWithoutHeads,
    },
  },
]);
