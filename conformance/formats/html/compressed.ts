import { gzipSync } from 'node:zlib';
import { embedded } from './embedded.ts';

/**
 * Returns JSON as gzip in base64. The evidence of a run repeats the same header fields and messages thousands of times,
 * and a page would be five times as large without compression.
 */
export function compressed(data: object): string {
  return gzipSync(embedded(data), { level: 9 }).toString('base64');
}
