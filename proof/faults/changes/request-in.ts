import { fromBinary } from '@bufbuild/protobuf';
import { type McpRequest, McpRequestSchema } from '../../../proto/index.ts';

/** Reads a request. Returns undefined for other bytes, which the runtime refuses itself. */
export function requestIn(bytes: Uint8Array): McpRequest | undefined {
  try {
    return fromBinary(McpRequestSchema, bytes);
  } catch {
    return undefined;
  }
}
