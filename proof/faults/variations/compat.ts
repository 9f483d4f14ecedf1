import { variations } from '../../harness/fault.ts';
import { likeRelease10 } from '../changes/release-1-0.ts';

/** Variations of compatibility with earlier releases. */
export const compatVariations = variations([
  {
    name: 'release-1-0',
    clause: 'COMPAT-1',
    about: 'The runtime declares no capabilities, like contract release 1.0',
    servesLess: true,
    hooks: likeRelease10,
  },
]);
