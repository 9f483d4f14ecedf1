import { variations } from '../../harness/fault.ts';
import { chunk, onlyWithoutHead, withoutDeclaring } from '../changes/streams.ts';

/** Variations of what the calling side has to bear. */
export const clientVariations = variations([
  {
    name: 'opened-with-an-empty-chunk',
    clause: 'CLIENT-7',
    about: 'Without a head, a stream begins with an empty chunk',
    servesLess: true,
    hooks: {
      ...withoutDeclaring('stream-head'),
      headChunks: () => [chunk({})],
      onlyChunks: onlyWithoutHead,
    },
  },
]);
