import { join } from 'node:path';
import { packageRoot } from '../../base/package.ts';

/** The root of the proto module. */
export const protoFolder = join(packageRoot(), 'proto');

/** The file of the service, relative to the root of the proto module. */
export const protoFile = 'contextforge/mcp/runtime/v1/mcp_runtime.proto';
