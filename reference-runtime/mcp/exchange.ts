import type { CallScope } from '../catalog/catalog.ts';
import type { RequestMessage } from './envelope.ts';
import type { ResponsePath } from './response-path.ts';

/** A request in flight. */
export interface Exchange {
  readonly request: RequestMessage;
  readonly scope: CallScope;
  readonly path: ResponsePath;
}
