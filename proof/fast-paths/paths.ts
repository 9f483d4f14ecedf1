import type { FastPath } from './fast-path.ts';
import { gatewayPath, gatewayStreamPath } from './gateway-path.ts';
import { goPath } from './go-path.ts';
import { rustPath } from './rust-path.ts';
import { typescriptPath } from './typescript-path.ts';

/** All fast paths, in the order of the output. To add a path, add a file that exports it and an entry here. */
export const fastPaths: readonly FastPath[] = [
  goPath,
  rustPath,
  typescriptPath,
  gatewayPath,
  gatewayStreamPath,
];
